import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LabConfig, parseConfig, planLab } from "../pipelines/all.ts";
import { peerRules } from "./peers.ts";
import type { PlacedBefore } from "./placement.ts";
import { placementTable } from "./table.ts";

const hostList = (count: number, more = {}) =>
  JSON.stringify(
    Array.from({ length: count }, (_, index) => ({
      name: `vm${index + 1}`,
      address: `10.0.0.${index + 1}`,
      ...more,
    })),
  );
const lab = (count: number, raw: Record<string, string> = {}) =>
  parseConfig({ target: "ssh", "ssh.hosts": hostList(count), ...raw });
const hostsOf = (config: LabConfig) =>
  Object.fromEntries(planLab(config).services.map(({ name, host }) => [name, host]));

const rulesOf = (config: LabConfig, host: string) =>
  peerRules(planLab(config).peers, host).map(({ key: _, ...row }) => row);

describe("place", () => {
  it("puts three brokers on three of four machines and what reads them on the fourth", () => {
    expect(hostsOf(lab(4))).toEqual({
      "kafka-0": "vm1",
      "kafka-1": "vm2",
      "kafka-2": "vm3",
      postgres: "vm4",
      "classification-classifier-1": "vm4",
      "classification-recorder-1": "vm4",
      "classification-producer-1": "vm4",
    });
  });

  it("follows the config, in turn where it names several hosts", () => {
    const hosts = hostsOf(
      lab(4, { placement: "{producer: [vm2, vm3], broker: [vm4], classifier: vm1}", producers: "3" }),
    );
    expect(hosts).toMatchObject({
      "kafka-2": "vm4",
      "classification-classifier-1": "vm1",
      "classification-producer-1": "vm2",
      "classification-producer-2": "vm3",
      "classification-producer-3": "vm2",
    });
  });

  it("takes a role of one pipeline before the role of all, and leaves a camera beside its producer", () => {
    const raw = { "video.enabled": "true", placement: "{producer: vm2, video-producer: vm3}" };
    expect(hostsOf(lab(4, raw))).toMatchObject({
      "classification-producer-1": "vm2",
      "video-producer-1": "vm3",
      "video-camera-1": "vm3",
    });
    expect(hostsOf(lab(4, { ...raw, placement: "{video-camera: vm1}" }))["video-camera-1"]).toBe("vm1");
    expect(() => lab(4, { placement: "{brokerz: vm1}" })).toThrow(/roles that no service has \(brokerz\)/);
  });

  it("moves nothing when producers are added, and never puts two brokers together while a host has none", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 20 }),
        (hosts, brokers, producers) => {
          const raw = {
            "kafka.brokers": String(brokers),
            "kafka.replication": "1",
            "kafka.minInsync": "1",
            "disk.budgetGB": "1000",
            "kafka.controllerPort": "39093",
          };
          const few = hostsOf(lab(hosts, { ...raw, producers: "0" }));
          const many = hostsOf(lab(hosts, { ...raw, producers: String(producers) }));
          expect(many).toMatchObject(few);
          const perHost = Map.groupBy(
            Object.entries(few).filter(([name]) => name.startsWith("kafka-")),
            ([, host]) => host,
          );
          const most = Math.max(...[...perHost.values()].map((group) => group.length));
          expect(most).toBe(Math.ceil(brokers / hosts));
        },
      ),
    );
  });
});

describe("a host more", () => {
  it("moves nothing where one was free before", () => {
    const four = hostsOf(lab(4));
    expect(hostsOf(lab(5))).toEqual(four);
    expect(hostsOf(lab(9))).toEqual(four);
  });
});

describe("a lab that is there already", () => {
  const many = {
    "video.enabled": "true",
    "grayscale.enabled": "true",
    producers: "3",
    "disk.budgetGB": "1000",
    "kafka.replication": "1",
    "kafka.minInsync": "1",
    "video.replication": "1",
    "classification.classifiers": "2",
  };
  /** Hosts by their numbers, of which any may be missing. */
  const labOn = (
    numbers: readonly number[],
    raw: Record<string, string>,
    before: PlacedBefore,
    more = {},
  ) => {
    const hosts = numbers.map((number) => ({ name: `vm${number}`, address: `10.0.0.${number}` }));
    const all = { target: "ssh", "ssh.hosts": JSON.stringify(hosts), ...many, ...raw, ...more };
    const discardData = JSON.stringify([...before].map(([service, host]) => `${service}@${host}`));
    return new Map(
      planLab(parseConfig({ ...all, discardData }, { before }), before).services.map(({ name, host }) => [
        name,
        host,
      ]),
    );
  };
  const hostNumbers = fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 7 });

  it("moves nothing that need not move, whatever hosts and producers come and go and brokers come", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            numbers: hostNumbers,
            brokers: fc.integer({ min: 1, max: 5 }),
            producers: fc.integer({ min: 0, max: 6 }),
          }),
          { minLength: 2, maxLength: 4 },
        ),
        (steps) => {
          let before: PlacedBefore = new Map();
          let most = 0;
          for (const { numbers, brokers, producers } of steps) {
            most = Math.max(most, brokers);
            const raw = { "kafka.brokers": String(most), producers: String(producers) };
            const now = labOn(numbers, raw, before);
            for (const [service, host] of now) {
              const was = before.get(service);
              const need = was === undefined || !numbers.includes(Number(was.slice(2)));
              // A camera goes where its producer goes.
              if (!need && service !== "video-camera-1") expect([service, host]).toEqual([service, was]);
              expect(numbers).toContain(Number(host.slice(2)));
            }
            before = now;
          }
        },
      ),
    );
  });

  it("puts what is new where the fewest of its kind are", () => {
    const two = labOn([1, 2], { "kafka.brokers": "3" }, new Map());
    expect([two.get("kafka-0"), two.get("kafka-1"), two.get("kafka-2")]).toEqual(["vm1", "vm2", "vm1"]);
    const three = labOn([1, 2, 3], { "kafka.brokers": "4" }, two);
    expect(three.get("kafka-3")).toBe("vm3");
  });

  it("leaves what a config before it has placed, until placement names other hosts", () => {
    const before = new Map([["classification-classifier-1", "vm2"]]);
    expect(labOn([1, 2, 3], {}, before).get("classification-classifier-1")).toBe("vm2");
    const named = { placement: "{classifier: [vm3, vm2]}" };
    expect(labOn([1, 2, 3], named, before).get("classification-classifier-1")).toBe("vm2");
    expect(
      labOn([1, 2, 3], { placement: "{classifier: vm1}" }, before).get("classification-classifier-1"),
    ).toBe("vm1");
  });
});

describe("the table of ports", () => {
  it("has no two services of a host on one port, whatever the placement", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (hosts, brokers) => {
        const config = lab(hosts, {
          "kafka.brokers": String(brokers),
          "kafka.replication": "1",
          "kafka.minInsync": "1",
          "disk.budgetGB": "1000",
          "video.enabled": "true",
          "video.replication": "1",
        });
        const rows = planLab(config).peers.map(({ host, port }) => `${host}:${port}`);
        expect(new Set(rows).size).toBe(rows.length);
      }),
    );
  });

  it("opens a port only where a service of another host uses it", () => {
    const apart = lab(4, { placement: "{recorder: vm3, database: vm4}" });
    expect(rulesOf(apart, "vm4")).toEqual([{ host: "vm4", service: "postgres", port: 5432, from: ["vm3"] }]);
    expect(rulesOf(lab(4), "vm4")).toEqual([]);
    expect(rulesOf(lab(1), "vm1")).toEqual([]);
  });
});

describe("the room on hosts", () => {
  it("is what all limits come to", () => {
    const [first, , , last] = planLab(lab(4)).hosts.map(({ needs }) => needs);
    expect(first).toEqual({ memoryMB: 1024 + 512, diskGB: 12 });
    expect(last).toEqual({ memoryMB: 512 + 768 + 384 + 384 + 512, diskGB: 10 });
    expect(placementTable(planLab(lab(2)))).toMatch(/vm1 +2560 +15 +kafka-0, kafka-2/);
  });

  it("comes with what the lab goes on without", () => {
    const lines = (hosts: number, more?: Record<string, string>) =>
      placementTable(planLab(lab(hosts, more)))
        .split("\n")
        .filter((line) => line.startsWith("without"));
    const rest =
      "postgres, classification-classifier-1, classification-recorder-1, classification-producer-1";
    expect(lines(1)).toEqual([]);
    expect(lines(2)).toEqual([
      "without vm1, Kafka stops, and all with it: it has 2 of the 3 nodes that vote",
      `without vm2, the lab goes on, but for ${rest}`,
    ]);
    expect(lines(4)).toEqual([
      ...[1, 2, 3].map((number) => `without vm${number}, the lab goes on`),
      `without vm4, the lab goes on, but for ${rest}`,
    ]);
    const zookeeper = { "kafka.mode": "zookeeper", "kafka.version": "3.9" };
    expect(lines(2, zookeeper)[0]).toMatch(/^without vm[12], Kafka stops/);
  });

  it("is said to be of how many services more, where a loss is of many", () => {
    const all = { "video.enabled": "true", "grayscale.enabled": "true" };
    expect(placementTable(planLab(lab(2, all)))).toMatch(
      /without vm2, the lab goes on, but for postgres, .+ and \d+ more$/m,
    );
  });

  it("must not be exceeded, and the message says by what and how to mend it", () => {
    const raw = { target: "ssh", "ssh.hosts": hostList(4, { memoryMB: 1400, diskGB: 40 }) };
    expect(() => parseConfig(raw)).toThrow(/vm1, which has 1400 \(kafka-0 1024, and 512 for the system\)/);
    expect(() => parseConfig(raw)).toThrow(/config set kafka\.memoryMB 888/);
    expect(() => parseConfig({ ...raw, "ssh.hosts": hostList(4, { diskGB: 9 }) })).toThrow(/disk\.budgetGB/);
  });
});

describe("targets", () => {
  it("need machines", () => {
    expect(() => parseConfig({ target: "ssh" })).toThrow(/ssh\.hosts .*must name the machines/);
    expect(() => parseConfig({ target: "openstack" })).toThrow(/openstack\.sshCidrs/);
    expect(() => lab(2, { placement: "{broker: [vm1, vm9]}" })).toThrow(/broker: vm9\); there are vm1, vm2/);
  });

  it.each([
    ['[{"name":"a","address":"10.0.0.1"},{"name":"a","address":"10.0.0.2"}]', /a is there twice/],
    ['[{"name":"a","address":"10.0.0.1","jump":"b"}]', /there is no host b/],
    ['[{"name":"a","address":"10.0.0.1","hostKey":"AAAA"}]', /hostKey \(a\): must be a public key/],
    ['[{"name":"A b","address":"10.0.0.1"}]', /name \(A b\): must be lower-case letters/],
  ])("refuse the list %s", (hosts, message) => {
    expect(() => parseConfig({ target: "ssh", "ssh.hosts": hosts })).toThrow(message);
  });

  it("find room for VMs in their subnet", () => {
    const raw = {
      target: "openstack",
      "openstack.sshCidrs": '["203.0.113.7/32"]',
      "ssh.keyFile": "~/.ssh/id_ed25519",
    };
    expect(() => parseConfig({ ...raw, "openstack.cidr": "192.168.5.0/28", "openstack.count": "5" })).toThrow(
      /openstack\.cidr 192\.168\.5\.0\/27/,
    );
    expect(planLab(parseConfig(raw)).services[0]?.host).toBe("vm1");
  });
});
