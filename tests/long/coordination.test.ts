import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { drilled } from "../support/drill.ts";
import { docker, TestLab } from "../support/lab.ts";
import { hostEntries, LabHosts } from "../support/lab-hosts.ts";
import { anew, gone } from "../support/under-load.ts";

const blank = (keys: object) => Object.fromEntries(Object.keys(keys).map((key) => [key, undefined]));

/** What coordinates Kafka apart from its brokers, on machines of their own, and how it can change there. */
describe.each([
  {
    mode: "zookeeper",
    role: "zookeeper",
    prefix: "172.31.83",
    kafka: { "kafka.mode": "zookeeper", "kafka.version": "3.9" },
    grown: { "kafka.brokers": 4 },
    comes: ["kafka-3"],
  },
  {
    mode: "kraft",
    role: "controller",
    prefix: "172.31.84",
    kafka: { "kafka.controllers": "3" },
    grown: { "kafka.controllers": "5" },
    comes: ["kafka-controller-4", "kafka-controller-5"],
  },
])("a lab coordinated by $mode on three hosts", ({ mode, role, prefix, kafka, grown, comes }) => {
  let machines: LabHosts;
  let lab: TestLab;

  beforeAll(async () => {
    const id = `edgelab-apart-${process.pid}-${mode}`;
    machines = await LabHosts.start({ id, prefix, count: 3, withDocker: true });
    lab = new TestLab(`apart-${mode}`, {
      target: "ssh",
      "ssh.user": "lab",
      "ssh.keyFile": machines.keyFile,
      "ssh.hosts": hostEntries(machines.hosts),
      "ports.offset": 12_000,
      "classification.rate": 2,
      "disk.budgetGB": 20,
      ...kafka,
    });
    await lab.init();
    await lab.up();
  });
  afterAll(async () => {
    await lab?.remove();
    await machines?.remove();
  });

  const running = () => machines.running(lab.stack);
  /** What is wrong, but for how soon Kafka answers, which is up to what else the machine has to do. */
  const red = async () =>
    (await lab.health()).rows.filter(({ level, what }) => level === "red" && what !== "network");
  const ids = async () => Object.fromEntries([...(await running())].map(([name, { id }]) => [name, id]));

  it("has one node on each, nothing red, and nothing to change", async () => {
    const nodes = [...(await running())].filter(([name]) => name.includes(role));
    expect(nodes.map(([, { host }]) => host).toSorted()).toEqual(machines.hosts.map(({ name }) => name));
    for (const [name, { status }] of nodes) expect(status, name).toContain("(healthy)");
    expect(await red()).toEqual([]);
    expect(await lab.plan()).toEqual([]);
  });

  it("loses nothing when a node, the leader, all nodes or all of a host fails", async () => {
    const minutes = ["--minutes", "2", "--limit", "240"];
    const one = await drilled(lab, ["--faults", "crash,leader", "--roles", role, ...minutes]);
    const all = await drilled(lab, ["--faults", "coordinators,host", ...minutes]);
    for (const { faults, probes } of [one, all]) {
      expect(faults.length).toBeGreaterThan(0);
      expect(probes.map(({ acked }) => acked)).not.toContain(0);
    }
  });

  it("grows and shrinks, and leaves a container alone that need not change", async () => {
    const before = await ids();
    for (const [key, value] of Object.entries(grown)) lab.set(key, value);
    await lab.up();
    const more = await ids();
    expect(anew(before, more).toSorted()).toEqual(comes);
    expect(gone(before, more)).toEqual([]);
    expect(await lab.plan()).toEqual([]);
    for (const [key, value] of Object.entries({ ...blank(grown), ...kafka })) lab.set(key, value);
    await lab.up();
    expect(await ids()).toEqual(before);
    expect(await red()).toEqual([]);
  });

  it("stops and starts in order, and leaves nothing behind", async () => {
    await lab.turn("stop");
    expect(await ids()).toEqual({});
    await lab.turn("start");
    await lab.destroy();
    for (const { container } of machines.hosts) {
      const left = await docker(
        "exec",
        container,
        "sh",
        "-c",
        "docker ps --all --quiet; docker volume ls --quiet",
      );
      expect(left).toBe("");
    }
  });
});
