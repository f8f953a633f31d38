import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startBroker, type TestBroker } from "../../apps/common/testing/broker.ts";
import { freePort } from "../../apps/common/testing/free-ports.ts";
import type { Connection } from "../../lib/ssh/connection.ts";
import { startSshd, type TestSshd } from "../../lib/ssh/testing/sshd.ts";
import { quietContext as context } from "../testing/quiet-context.ts";
import { lagging, type TurnInputs, turnHandler } from "./turn.ts";

describe("a node that moves to another host", () => {
  let broker: TestBroker;
  let vm1: TestSshd;
  let notes: string;
  /** First on the path of what is run there. */
  const bin = `/tmp/edgelab-turn-${process.pid}`;

  beforeAll(async () => {
    broker = await startBroker();
    vm1 = await startSshd([`SetEnv PATH=${bin}:/usr/bin:/bin`]);
    notes = join(vm1.folder, "notes");
  }, 500_000);
  afterAll(async () => {
    await vm1?.stop();
    await broker?.close();
  });
  // Docker, as far as this is asked for: it notes what it is told, and says of every container that it runs.
  beforeEach(() => {
    mkdirSync(bin);
    writeFileSync(join(bin, "docker"), `#!/bin/sh\necho "$@" >>"${notes}"\necho true\n`, { mode: 0o755 });
  });
  afterEach(() => {
    rmSync(bin, { recursive: true });
    rmSync(notes, { force: true });
  });

  const inputs = (host: string, connection?: Connection): TurnInputs => ({
    node: "kafka-7",
    nodeId: 7,
    at: { host, container: "lab-kafka-7", ...(connection === undefined ? {} : { connection }) },
    spec: host,
    bootstrapServers: [...broker.bootstrapServers],
  });
  const move = (connection: Connection) => {
    const olds = inputs("vm1", connection);
    return turnHandler.update("kafka-7", { inputs: olds, outputs: olds }, inputs("vm2"), context);
  };
  const told = () => (existsSync(notes) ? readFileSync(notes, "utf8").trim().split("\n") : []);

  it("is ended where it was, so that there are never two of it", async () => {
    expect((await move(vm1.connection)).at.host).toBe("vm2");
    expect(told()).toEqual([
      "container inspect --format {{.State.Running}} lab-kafka-7",
      "container stop --time 10 lab-kafka-7",
    ]);
  });

  it("begins when its host is dead and another node leads", async () => {
    const nobody = { ...vm1.connection, port: await freePort() };
    expect((await move(nobody)).at.host).toBe("vm2");
    expect(told()).toEqual([]);
  });

  it("does not begin where its host answers and lets nobody in: it may run there", async () => {
    await expect(move({ ...vm1.connection, keyFile: vm1.foreignKey })).rejects.toThrow(
      /kafka-7 may still run where it was[\s\S]*fix: end it there \(docker container stop lab-kafka-7\)/,
    );
    expect(told()).toEqual([]);
  });

  it("is not ended where it stays", async () => {
    const [olds, news] = [inputs("vm1", vm1.connection), inputs("vm1", vm1.connection)];
    await turnHandler.update("kafka-7", { inputs: olds, outputs: olds }, { ...news, spec: "new" }, context);
    expect(told()).toEqual([]);
  });
});

describe("partitions that a broker has to stay for", () => {
  const partition = (replicas: number[], inSync: number[], leader = inSync[0] ?? -1) => ({
    topic: "images",
    partition: 0,
    replicas,
    inSync,
    leader,
  });

  it("are those whose other replicas are not in sync, or that have no leader", () => {
    const behind = partition([0, 1, 2], [0, 2]);
    const leaderless = partition([0, 1], [], -1);
    expect(lagging([partition([0, 1, 2], [0, 1, 2]), behind, leaderless], 2)).toEqual([behind, leaderless]);
  });

  it("are not those that it lacks itself, as one does that cannot find where its leader has moved to", () => {
    expect(lagging([partition([0, 1, 2], [0, 1]), partition([2], [], -1)], 2)).toEqual([]);
  });
});
