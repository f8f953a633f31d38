import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../../apps/common/random.ts";
import { defaultKinds, faultKinds, round, type Target } from "./faults.ts";

const target = (name: string, role: string, host = "localhost"): Target => ({
  name,
  pipeline: role === "broker" ? "kafka" : "classification",
  role,
  host,
  isCuttable: true,
  isSlowable: true,
  leads: false,
});
const lab = [
  ...["kafka-0", "kafka-1", "kafka-2"].map((name) => target(name, "broker")),
  target("classifier-1", "classifier"),
  target("recorder-1", "recorder"),
];

describe("a round of faults", () => {
  it("has each kind for each role, several at once, and nothing that destroys data unless it is asked for", () => {
    const names = round(lab, defaultKinds, new Random(1)).map(({ name }) => name);
    for (const kind of ["crash", "hang", "cut", "slow"])
      for (const role of ["kafka broker", "classification classifier", "classification recorder"])
        expect(names).toContain(`${kind} of ${role}`);
    expect(names).toContain("crash of all brokers");
    expect(names).toContain("crash of everything");
    expect(names.filter((name) => name.includes(" and "))).toHaveLength(2);
    expect(names.join()).not.toContain("wipe");
    expect(names.join()).not.toContain("restart");
    const [restart, ...others] = round(lab, ["restart"], new Random(1));
    expect(others).toEqual([]);
    expect(restart?.acts.map(({ act, container }) => [act, container])).toEqual(
      lab.map(({ name }) => ["restart", name]),
    );
    expect(round(lab, ["wipe"], new Random(1)).map(({ name }) => name)).toEqual(["wipe of kafka broker"]);
  });

  it("does to the nodes that coordinate Kafka what it does to brokers, and crashes all of them at once", () => {
    const nodes = ["zookeeper-1", "zookeeper-2", "zookeeper-3"];
    const zookeepers = nodes.map((name) => ({ ...target(name, "zookeeper"), pipeline: "zookeeper" }));
    const faults = round([...lab, ...zookeepers], defaultKinds, new Random(1));
    const names = faults.map(({ name }) => name);
    for (const kind of ["crash", "hang", "cut", "slow"])
      expect(names).toContain(`${kind} of zookeeper zookeeper`);
    const all = faults.find(({ kind }) => kind === "coordinators");
    expect(all?.acts).toEqual(nodes.map((container) => ({ act: "crash", container })));
    expect(round(lab, ["coordinators"], new Random(1))).toEqual([]);
  });

  it("crashes who leads, where that is known", () => {
    const led = lab.map((one) => ({ ...one, leads: one.name === "kafka-1" }));
    const [fault, ...others] = round(led, ["leader"], new Random(1));
    expect(others).toEqual([]);
    expect(fault).toMatchObject({
      name: "crash of the kafka broker that leads",
      acts: [{ act: "crash", container: "kafka-1" }],
    });
    expect(round(lab, ["leader"], new Random(1))).toEqual([]);
  });

  it("takes down each of several hosts, with all that it has and nothing else", () => {
    const hosts = ["vm1", "vm2"];
    const two = lab.map((one, i) => ({ ...one, host: hosts[i % 2] ?? "" }));
    const faults = round(two, ["host"], new Random(1));
    expect(faults.map(({ name }) => name).sort()).toEqual([
      "crash of host vm1",
      "crash of host vm2",
      "hang of host vm1",
      "hang of host vm2",
    ]);
    for (const { name, acts } of faults) {
      const there = two.filter(({ host }) => name.endsWith(host)).map((one) => one.name);
      expect(acts.map(({ container }) => container)).toEqual(there);
    }
    expect(round(lab, ["host"], new Random(1))).toEqual([]);
  });

  it("cuts off and slows down nothing that has its host's network", () => {
    const onHost = lab.map((one) => ({ ...one, isCuttable: false, isSlowable: false }));
    const acts = round(onHost, faultKinds, new Random(1)).flatMap(({ acts: some }) =>
      some.map(({ act }) => act),
    );
    expect(acts).not.toContain("cut");
    expect(acts).not.toContain("slow");
    expect(acts).toContain("hang");
  });

  it("is the same for the same seed, names containers of the lab only, and lasts where it must be ended", () => {
    const names = lab.map(({ name }) => name);
    fc.assert(
      fc.property(fc.integer({ min: 0 }), fc.subarray([...faultKinds]), (seed, kinds) => {
        const faults = round(lab, kinds, new Random(seed));
        expect(faults).toEqual(round(lab, kinds, new Random(seed)));
        for (const { kind, acts, seconds } of faults) {
          expect(kinds).toContain(kind);
          for (const { container } of acts) expect(names).toContain(container);
          expect(seconds > 0).toBe(acts.some(({ act }) => ["hang", "cut", "slow"].includes(act)));
        }
      }),
    );
  });

  it("has none where there is nothing", () => {
    expect(round([], faultKinds, new Random(1))).toEqual([]);
  });
});
