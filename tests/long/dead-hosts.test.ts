import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataName } from "../../infra/plan/data-names.ts";
import type { Step } from "../../infra/testing/walk.ts";
import { TestLab } from "../support/lab.ts";
import { hostEntries, type LabHost, LabHosts } from "../support/lab-hosts.ts";
import { Walker } from "../support/walker.ts";

/** What docs/hosts.md says of a dead host, done to the one that is hardest to lose: the only one that has the database. */
describe.each([
  { count: 2, prefix: "172.31.85", data: ["kafka-1", "postgres"] },
  { count: 3, prefix: "172.31.86", data: ["kafka-2", "postgres"] },
  { count: 4, prefix: "172.31.87", data: ["postgres"] },
])("the host of the database, of $count hosts", ({ count, prefix, data }) => {
  const host = `vm${count}`;
  let machines: LabHosts;
  let lab: TestLab;
  let walker: Walker | undefined;

  const config = (hosts: readonly LabHost[]) => ({ "ssh.hosts": hostEntries(hosts) });
  const take = async (...steps: Step[]) => walker?.take(steps);
  const there = async () =>
    [...(await machines.running(lab.stack))].filter(([, on]) => on.host === host).map(([name]) => name);

  beforeAll(async () => {
    const id = `edgelab-dead-${count}-${process.pid}`;
    machines = await LabHosts.start({ id, prefix, count, withDocker: true });
    lab = new TestLab(`dead-${count}`, {
      target: "ssh",
      "ssh.user": "lab",
      "ssh.keyFile": machines.keyFile,
      "ssh.waitSeconds": 30,
      "ports.offset": 11_000,
      // Below the ports that the system gives connections.
      "kafka.outsidePort": 18_192,
      "classification.rate": 2,
      "disk.budgetGB": 20,
      ...config(machines.hosts),
    });
    await lab.init();
    await lab.up();
    const listed = machines.hosts.map(({ name }) => name);
    walker = new Walker({ lab, machines, listed, config });
    await walker.begin();
  });
  afterAll(async () => {
    await walker?.end();
    await lab?.remove();
    await machines?.remove();
  });

  it("dies, does not stop the others, and is whole again when it is back and ./scripts/up was run", async () => {
    expect(await there()).toEqual(expect.arrayContaining(data));
    await take(
      { kind: "kill", host },
      { kind: "up", expect: "harmless" },
      { kind: "back", host },
      { kind: "up", expect: "whole" },
      { kind: "up", expect: "same" },
    );
  });

  it("is left out for good once config gives up the data that it has, which the preview names", async () => {
    await take({ kind: "kill", host });
    const others = machines.hosts.filter(({ name }) => name !== host);
    lab.set("ssh.hosts", hostEntries(others));
    const { exitCode, text } = await lab.preview();
    lab.set("ssh.hosts", hostEntries(machines.hosts));
    expect(exitCode).not.toBe(0);
    const discard = data.map((name) => dataName(name, host));
    expect(text).toContain(`leaves out ${host}, which has the data of ${data.join(", ")}`);
    expect(text).toContain(JSON.stringify(discard));
    await take({ kind: "leave-out", host, discard }, { kind: "up", expect: "whole" });
    const { placement } = await lab.outputs();
    expect(Object.values(placement)).not.toContain(host);
  });

  it("is taken in again when it is back, and nothing of before is left on it", async () => {
    await take({ kind: "back", host }, { kind: "add", host }, { kind: "up", expect: "whole" });
    const { placement } = await lab.outputs();
    const planned = Object.keys(placement).filter((name) => placement[name] === host);
    expect((await there()).sort()).toEqual(planned.sort());
    await take({ kind: "up", expect: "same" });
  });
});
