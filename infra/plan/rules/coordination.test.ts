import { describe, expect, it } from "vitest";
import { parseConfig, planLab } from "../../pipelines/all.ts";
import { problemsOf } from "../../testing/problems.ts";
import { placementsOf } from "../placement.ts";

const zookeeper = { "kafka.mode": "zookeeper", "kafka.version": "3.9" };
const problems = (raw: Record<string, string>, before?: ReadonlyMap<string, string>) =>
  problemsOf(() => parseConfig(raw, before === undefined ? {} : { before }));
const placed = (raw: Record<string, string>) => placementsOf(planLab(parseConfig(raw)));

describe("what coordinates Kafka", () => {
  it("is ZooKeeper with the last Kafka that can do with it, and KRaft with any", () => {
    expect(problems(zookeeper)).toBe("");
    expect(problems({ "kafka.version": "3.9" })).toBe("");
    expect(problems({ "kafka.mode": "zookeeper" })).toMatch(
      /kafka\.version is 4\.2: it must be 3\.9 .*\n +fix: .*config set kafka\.version 3\.9\n +or: .*config set kafka\.mode kraft/,
    );
  });

  it("is an odd number of nodes", () => {
    for (const nodes of ["1", "3", "5"])
      expect(problems({ ...zookeeper, "zookeeper.nodes": nodes })).toBe("");
    expect(problems({ ...zookeeper, "zookeeper.nodes": "4" })).toMatch(
      /must be odd: of 4 .* than of 3\n +fix: .*zookeeper\.nodes 5\n +or: .*zookeeper\.nodes 3/,
    );
    expect(problems({ ...zookeeper, "zookeeper.nodes": "7" })).toContain("from 1 to 5");
    expect(problems({ "zookeeper.nodes": "4" })).toBe("");
  });

  it("has no controllers beside ZooKeeper", () => {
    expect(problems({ ...zookeeper, "kafka.controllers": "3" })).toMatch(
      /config set kafka\.controllers combined/,
    );
    expect(problems({ "kafka.controllers": "3" })).toBe("");
  });

  it("has the memory that its heap needs", () => {
    expect(problems({ "zookeeper.heapMB": "400" })).toContain("config set zookeeper.memoryMB 600");
    expect(problems({ "kafka.controllerHeapMB": "400" })).toContain(
      "config set kafka.controllerMemoryMB 600",
    );
  });
});

describe("a cluster that is there", () => {
  it("keeps its mode, whichever that is, and is told what else there is to do", () => {
    expect(problems(zookeeper, placed({}))).toMatch(
      /kafka\.mode is zookeeper: it takes away what knows the topics .* made with kraft.*\.\/scripts\/down.*\n +fix: .*kafka\.mode kraft/,
    );
    expect(problems({ "kafka.version": "3.9" }, placed(zookeeper))).toMatch(/fix: .*kafka\.mode zookeeper/);
    expect(problems(zookeeper, placed(zookeeper))).toBe("");
  });

  it("keeps its ensemble and its controllers", () => {
    expect(problems({ ...zookeeper, "zookeeper.nodes": "5" }, placed(zookeeper))).toMatch(
      /zookeeper\.nodes is 5: it makes another ensemble of the 3 nodes .*\n +fix: .*zookeeper\.nodes 3/,
    );
    const apart = placed({ "kafka.controllers": "3" });
    expect(problems({ "kafka.controllers": "5" }, apart)).toBe("");
    expect(problems({ "kafka.controllers": "1" }, apart)).toBe("");
    expect(problems({}, apart)).toMatch(/fix: .*kafka\.controllers 3/);
    expect(problems({ "kafka.controllers": "3" }, placed({}))).toMatch(/fix: .*kafka\.controllers combined/);
    expect(problems({ "kafka.controllers": "3" }, apart)).toBe("");
  });

  it("keeps as many brokers as its replicas need, however many controllers those would make", () => {
    const five = placed({ ...zookeeper, "kafka.brokers": "5" });
    expect(problems({ ...zookeeper, "kafka.brokers": "2" }, five)).toContain(
      "takes kafka-2, kafka-3, kafka-4 away",
    );
    expect(() => parseConfig({ ...zookeeper, "kafka.brokers": "4" }, { before: five })).not.toThrow();
  });
});

describe("several hosts", () => {
  const hosts = [1, 2, 3].map((number) => ({ name: `edge${number}`, address: `10.0.0.${number}` }));
  const on = { target: "ssh", "ssh.hosts": JSON.stringify(hosts), "classification.enabled": "false" };

  it("have a node of the ensemble each, which brokers alone reach, and nodes each other", () => {
    const { services, peers } = planLab(parseConfig({ ...on, ...zookeeper, placement: "{broker: edge1}" }));
    const where = services.filter(({ role }) => role === "zookeeper").map(({ host }) => host);
    expect(where).toEqual(["edge1", "edge2", "edge3"]);
    const of = peers.filter(({ service }) => service === "zookeeper-2").map(({ port, from }) => [port, from]);
    expect(of).toEqual([
      [2181, ["edge1"]],
      [2888, ["edge1", "edge3"]],
      [3888, ["edge1", "edge3"]],
    ]);
  });

  it("let two nodes on one of them have ports of their own, and brokers beside controllers too", () => {
    const ports = (raw: Record<string, string>, name: string) =>
      planLab(parseConfig({ ...on, ...raw }))
        .services.find((service) => service.name === name)
        ?.listeners.map(({ port }) => port);
    const together = { ...zookeeper, placement: "{zookeeper: edge1}" };
    expect(ports(together, "zookeeper-3")?.slice(0, 3)).toEqual([2183, 2890, 3890]);
    const controllers = { "kafka.controllers": "3", placement: "{controller: edge1}" };
    expect(ports(controllers, "kafka-controller-2")).toEqual([29_094]);
    expect(ports(controllers, "kafka-0")?.[0]).toBe(9092);
  });

  it("have room for their data in what they need", () => {
    const disk = (raw: Record<string, string>) =>
      planLab(parseConfig({ ...on, ...raw })).hosts.map(({ needs }) => needs.diskGB);
    expect(disk(zookeeper)).toEqual(disk({}).map((GB) => GB + 1));
  });
});
