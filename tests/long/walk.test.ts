import { afterAll, beforeAll, describe, it } from "vitest";
import { walk } from "../../infra/testing/walk.ts";
import { TestLab } from "../support/lab.ts";
import { hostEntries, type LabHost, LabHosts } from "../support/lab-hosts.ts";
import { Walker } from "../support/walker.ts";

/** Every walk that a seed leads to is taken by `WALK_SEED=2 WALK_STEPS=30 ./scripts/test --long`. */
const seed = Number(process.env.WALK_SEED ?? "15");
const steps = Number(process.env.WALK_STEPS ?? "30");

describe.each([
  { word: "four", count: 4, listed: 3, prefix: "172.31.81", offset: 14_000 },
  { word: "two", count: 2, listed: 2, prefix: "172.31.82", offset: 13_000 },
])("a lab on $listed of $count hosts", ({ word, count, listed, prefix, offset }) => {
  let machines: LabHosts;
  let lab: TestLab;
  let walker: Walker | undefined;

  const config = (hosts: readonly LabHost[]) => ({ "ssh.hosts": hostEntries(hosts) });

  beforeAll(async () => {
    machines = await LabHosts.start({ id: `edgelab-walk-${process.pid}-${word}`, prefix, count });
    lab = new TestLab(`walk-${word}`, {
      target: "ssh",
      "ssh.user": "lab",
      "ssh.keyFile": machines.keyFile,
      "ssh.waitSeconds": 30,
      "ports.offset": offset,
      // Below the ports that the system gives connections.
      "kafka.outsidePort": 16_192,
      // What is looked at here are hosts, for which two processors have enough to do.
      "classification.rate": 2,
      "disk.budgetGB": 20,
      ...config(machines.hosts.slice(0, listed)),
    });
    await lab.init();
    await lab.up();
  });
  afterAll(async () => {
    await walker?.end();
    await lab?.remove();
    await machines?.remove();
  });

  it(`is whole after each update of a walk of ${steps} steps, seed ${seed}, and has lost nothing`, async () => {
    const names = machines.hosts.map(({ name }) => name);
    walker = new Walker({ lab, machines, listed: names.slice(0, listed), config });
    await walker.begin();
    await walker.take(walk({ seed, steps, hosts: names, listed }));
  });
});
