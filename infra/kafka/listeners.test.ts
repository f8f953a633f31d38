import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Binding } from "../hosts/host.ts";
import { controllerCount } from "../plan/kafka.ts";
import { listenerProperties, type Voter } from "./listeners.ts";

const bound = (id: number, port: number): Binding => ({
  listenAddress: "0.0.0.0",
  listenPort: port,
  peer: `lab-kafka-${id}:${port}`,
  mapping: undefined,
});

const brokers = (n: number): Voter[] =>
  Array.from({ length: n }, (_, id) => ({
    id,
    inside: bound(id, 9092),
    controller: bound(id, 29_093),
    outside: bound(id, 29_092),
    advertisedOutside: `127.0.0.1:${29_092 + id}`,
  }));

describe("listenerProperties", () => {
  it("advertises the peers' address inside and the operator's address outside", () => {
    const [first, second, third] = brokers(3);
    if (!first || !second || !third) throw new Error("three brokers were made");
    expect(listenerProperties(second, [first, second, third])).toEqual({
      "node.id": "1",
      "process.roles": "broker,controller",
      "controller.quorum.voters": "0@lab-kafka-0:29093,1@lab-kafka-1:29093,2@lab-kafka-2:29093",
      listeners: "INSIDE://:9092,OUTSIDE://:29092,CONTROLLER://:29093",
      "advertised.listeners": "INSIDE://lab-kafka-1:9092,OUTSIDE://127.0.0.1:29093",
      "listener.security.protocol.map": "INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT",
      "inter.broker.listener.name": "INSIDE",
      "controller.listener.names": "CONTROLLER",
    });
  });

  it("listens on one address where it must share the machine's", () => {
    const [first] = brokers(1);
    if (!first) throw new Error("a broker was made");
    const inside = { ...first.inside, listenAddress: "10.0.0.7", peer: "10.0.0.7:9092" };
    const { listeners } = listenerProperties({ ...first, inside }, []);
    expect(listeners).toBe("INSIDE://10.0.0.7:9092,OUTSIDE://:29092");
  });

  it("gives a broker outside the quorum no controller listener", () => {
    const all = brokers(4);
    const [last] = all.slice(3);
    if (!last) throw new Error("four brokers were made");
    const properties = listenerProperties(last, all.slice(0, 3));
    expect(properties["process.roles"]).toBe("broker");
    expect(properties.listeners).toBe("INSIDE://:9092,OUTSIDE://:29092");
  });

  it("names every node id and voter once, whatever the number of brokers", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), (n) => {
        const all = brokers(n);
        const voters = all.slice(0, controllerCount(n));
        const ids = all.map((broker) => listenerProperties(broker, voters)["node.id"]);
        expect(new Set(ids).size).toBe(n);
        const lists = new Set(
          all.map((broker) => listenerProperties(broker, voters)["controller.quorum.voters"]),
        );
        expect(lists.size).toBe(1);
        expect([...lists][0]?.split(",")).toHaveLength(voters.length);
      }),
    );
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
