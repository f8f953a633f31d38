import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Binding } from "../hosts/host.ts";
import { controllerCount } from "../plan/kafka.ts";
import { controllerProperties, quorumProperties, zookeeperProperties } from "./coordination.ts";
import { type BrokerAddress, listenerProperties, type Voter } from "./listeners.ts";

const bound = (id: number, port: number): Binding => ({
  listenAddress: "0.0.0.0",
  listenPort: port,
  peer: `lab-kafka-${id}:${port}`,
  mapping: undefined,
});

const brokers = (n: number, voters = n): BrokerAddress[] =>
  Array.from({ length: n }, (_, id) => ({
    id,
    inside: bound(id, 9092),
    ...(id < voters ? { controller: bound(id, 29_093) } : {}),
    outside: bound(id, 29_092),
    advertisedOutside: `127.0.0.1:${29_092 + id}`,
  }));
const votersOf = (all: readonly BrokerAddress[]) =>
  all.filter((broker): broker is BrokerAddress & Voter => broker.controller !== undefined);
const quorum = "0@lab-kafka-0:29093,1@lab-kafka-1:29093,2@lab-kafka-2:29093";

describe("listenerProperties", () => {
  it("advertises the peers' address inside and the operator's address outside", () => {
    expect(brokers(3).map(listenerProperties)[1]).toEqual({
      listeners: "INSIDE://:9092,OUTSIDE://:29092,CONTROLLER://:29093",
      "advertised.listeners": "INSIDE://lab-kafka-1:9092,OUTSIDE://127.0.0.1:29093",
      "inter.broker.listener.name": "INSIDE",
    });
  });

  it("listens on one address where it must share the machine's", () => {
    const [first] = brokers(1, 0);
    if (!first) throw new Error("a broker was made");
    const inside = { ...first.inside, listenAddress: "10.0.0.7", peer: "10.0.0.7:9092" };
    expect(listenerProperties({ ...first, inside }).listeners).toBe(
      "INSIDE://10.0.0.7:9092,OUTSIDE://:29092",
    );
  });
});

describe("quorumProperties", () => {
  it("name the node, what it is, and those that vote", () => {
    const all = brokers(4, 3);
    const [first, , , last] = all.map((broker) => quorumProperties(broker, { voters: votersOf(all) }));
    expect(first).toEqual({
      "node.id": "0",
      "process.roles": "broker,controller",
      "controller.quorum.voters": quorum,
      "listener.security.protocol.map": "INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT",
      "controller.listener.names": "CONTROLLER",
      "listener.name.controller.num.network.threads": "1",
      "metadata.max.idle.interval.ms": "5000",
    });
    expect(last).toMatchObject({ "process.roles": "broker", "controller.quorum.voters": quorum });
    expect(all.map(listenerProperties)[3]?.listeners).toBe("INSIDE://:9092,OUTSIDE://:29092");
  });

  it("name every node id and voter once, whatever the number of brokers", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), (n) => {
        const all = brokers(n, controllerCount(n));
        const properties = all.map((broker) => quorumProperties(broker, { voters: votersOf(all) }));
        expect(new Set(properties.map((each) => each["node.id"])).size).toBe(n);
        const lists = new Set(properties.map((each) => each["controller.quorum.voters"]));
        expect(lists.size).toBe(1);
        expect([...lists][0]?.split(",")).toHaveLength(controllerCount(n));
      }),
    );
  });

  it("are of brokers and controllers where these are nodes of their own", () => {
    const voters = [100, 101, 102].map((id): Voter => ({ id, controller: bound(id, 29_093) }));
    const [broker] = brokers(1, 0);
    const [controller] = voters;
    if (!broker || !controller) throw new Error("one of each was made");
    const list = "100@lab-kafka-100:29093,101@lab-kafka-101:29093,102@lab-kafka-102:29093";
    expect(quorumProperties(broker, { voters })).toMatchObject({
      "process.roles": "broker",
      "controller.quorum.voters": list,
    });
    expect(controllerProperties(controller, { voters })).toEqual({
      "node.id": "100",
      "process.roles": "controller",
      "controller.quorum.voters": list,
      "listener.security.protocol.map": "CONTROLLER:PLAINTEXT",
      "controller.listener.names": "CONTROLLER",
      "listener.name.controller.num.network.threads": "1",
      "metadata.max.idle.interval.ms": "5000",
    });
  });

  it("name no voters where these are in the metadata, but who knows the leader", () => {
    const servers = ["lab-kafka-100:29093", "controllers:29093"];
    for (const properties of [
      quorumProperties({ id: 0 }, { servers }),
      controllerProperties({ id: 100 }, { servers }),
    ]) {
      expect(properties["controller.quorum.bootstrap.servers"]).toBe(servers.join(","));
      expect(properties).not.toHaveProperty("controller.quorum.voters");
    }
  });
});

describe("zookeeperProperties", () => {
  it("name the broker and where ZooKeeper is, and nothing of KRaft, which Kafka would refuse beside that", () => {
    const properties = zookeeperProperties({ id: 2 }, "z1:2181,z2:2181,z3:2181/kafka");
    expect(properties).toMatchObject({
      "broker.id": "2",
      "zookeeper.connect": "z1:2181,z2:2181,z3:2181/kafka",
      "listener.security.protocol.map": "INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT",
    });
    const names = Object.keys(properties).filter((name) =>
      /^(node\.id|process\.roles|metadata\.)|controller\./.test(name),
    );
    expect(names).toEqual([]);
  });
});

describe("controllerCount", () => {
  it("is odd and never above the number of brokers", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), (n) => {
        expect(controllerCount(n) % 2).toBe(1);
        expect(controllerCount(n)).toBeLessThanOrEqual(n);
      }),
    );
  });
});
