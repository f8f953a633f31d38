import { describe, expect, it } from "vitest";
import { parseConfig, planLab } from "../../pipelines/all.ts";
import { placementsOf } from "../placement.ts";

const vms = (...names: string[]) =>
  JSON.stringify(names.map((name, index) => ({ name, address: `10.0.0.${index + 1}` })));
const on = (...names: string[]) => ({ target: "ssh", "ssh.hosts": vms(...names) });
const first = (raw: Record<string, string>) => placementsOf(planLab(parseConfig(raw)));

describe("data", () => {
  const two = first(on("vm1", "vm2"));
  const again = (raw: Record<string, string>) => parseConfig(raw, { before: two });

  it("stay when hosts are added, and no service moves", () => {
    expect(two.get("postgres")).toBe("vm2");
    const raw = on("vm1", "vm2", "vm3", "vm4");
    expect(placementsOf(planLab(parseConfig(raw, { before: two }), two))).toEqual(two);
  });

  it("must be given up, each by name, when their host is left out", () => {
    expect(() => again(on("vm1"))).toThrow(
      /leaves out vm2, which has the data of kafka-1, postgres: put it back[\s\S]*fix: .*config set discardData '\["kafka-1@vm2","postgres@vm2"\]'/,
    );
    expect(() => again({ ...on("vm1"), discardData: "[kafka-1@vm2]" })).toThrow(/data of postgres/);
    const given = { ...on("vm1"), discardData: "[kafka-1@vm2, postgres@vm2]" };
    expect(new Set(placementsOf(planLab(again(given), two)).values())).toEqual(new Set(["vm1"]));
  });

  it("may be anywhere once they were given up there: the next host's are safe again", () => {
    const discardData = "[kafka-1@vm2, postgres@vm2]";
    const before = placementsOf(planLab(again({ ...on("vm1"), discardData }), two));
    expect(() => parseConfig({ ...on("vm3"), discardData }, { before })).toThrow(
      /leaves out vm1, which has the data of kafka-0, kafka-1, kafka-2, postgres/,
    );
  });

  it("keep a service where it is, against a placement that names another host", () => {
    const raw = { ...on("vm1", "vm2"), placement: "{database: vm1, recorder: vm1}" };
    expect(() => again(raw)).toThrow(/moves postgres from vm2 to vm1, and the data would stay behind/);
    const kept = "{ database: [ vm2, vm1 ], recorder: [ vm1 ] }";
    expect(() => again(raw)).toThrow(kept);
    expect(planLab(again({ ...raw, placement: kept }), two).services).toContainEqual(
      expect.objectContaining({ name: "postgres", host: "vm2" }),
    );
    expect(planLab(again({ ...raw, discardData: "[postgres@vm2]" }), two).services).toContainEqual(
      expect.objectContaining({ name: "postgres", host: "vm1" }),
    );
  });

  it("are not left behind by another target, nor by fewer VMs", () => {
    expect(() => again({ target: "local" })).toThrow(/leaves out vm1, which has [^;]*; and vm2/);
    const cloud = {
      target: "openstack",
      "openstack.sshCidrs": '["203.0.113.7/32"]',
      "ssh.keyFile": "~/.ssh/k",
    };
    const four = first(cloud);
    expect(() => parseConfig({ ...cloud, "openstack.count": "3" }, { before: four })).toThrow(
      /leaves out vm4, which has the data of postgres/,
    );
  });

  it("go from a broker that is taken away to the others, as long as these can hold them", () => {
    const of = (brokers: number) => ({
      "kafka.brokers": String(brokers),
      "kafka.replication": "1",
      "kafka.minInsync": "1",
      "video.replication": "1",
    });
    const change = (from: number, to: number) => () => parseConfig(of(to), { before: first(of(from)) });
    expect(change(4, 3)).not.toThrow();
    expect(change(9, 6)).not.toThrow();
    expect(change(3, 4)).not.toThrow();
    expect(change(2, 1)).toThrow(
      /kafka\.brokers is 1: it takes kafka-1 away, .* have 2 replicas, .*keep 2, [\s\S]*fix: .*config set kafka\.brokers 2/,
    );
    // That is the cluster's own to refuse.
    expect(change(5, 2)).not.toThrow();
  });

  it("hold nothing up that has none", () => {
    const before = new Map([
      ["classification-producer-1", "vm9"],
      ["classification-classifier-1", "vm9"],
    ]);
    expect(() => parseConfig(on("vm1"), { before })).not.toThrow();
  });
});
