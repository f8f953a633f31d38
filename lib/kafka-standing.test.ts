import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stopsWithout } from "./kafka-standing.ts";

const three = { replication: 3, minInsync: 2 };

describe("stopsWithout", () => {
  it("is so of the host that more than one of three controllers is on", () => {
    const nodes = ["vm1", "vm2", "vm1"];
    const standing = { voters: nodes, brokers: nodes, ...three };
    expect(stopsWithout(standing, "vm1")).toBe("2 of the 3 nodes that vote");
    expect(stopsWithout(standing, "vm2")).toBeUndefined();
  });

  it("is so of the host with too many replicas, though those that vote are elsewhere", () => {
    const standing = { voters: ["vm3", "vm3", "vm3"], brokers: ["vm1", "vm1", "vm2", "vm2"], ...three };
    expect(stopsWithout(standing, "vm1")).toBe("2 of 4 brokers, where a write needs 2 of 3 replicas");
    expect(stopsWithout({ ...standing, minInsync: 1 }, "vm1")).toBeUndefined();
    expect(stopsWithout({ ...standing, replication: 1, minInsync: 1 }, "vm2")).toMatch(/1 of 1 replicas/);
  });

  it("is so of any other host once one of three is away", () => {
    const nodes = ["vm1", "vm2", "vm3"];
    const standing = { voters: nodes, brokers: nodes, ...three };
    expect(nodes.map((host) => stopsWithout(standing, host))).toEqual([undefined, undefined, undefined]);
    expect(stopsWithout(standing, "vm1", ["vm3"])).toBe("2 of the 3 nodes that vote");
  });

  it("is never so of a host with none of Kafka's nodes, and stays so however many others go", () => {
    const host = fc.constantFrom("a", "b", "c", "d");
    const nodes = fc.array(host, { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(nodes, nodes, fc.array(host), host, (voters, brokers, away, one) => {
        const standing = { voters, brokers, ...three };
        expect(stopsWithout(standing, "none")).toBeUndefined();
        if (stopsWithout(standing, one) !== undefined) {
          expect(stopsWithout(standing, one, away)).not.toBeUndefined();
        }
      }),
    );
  });
});
