import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { slotsOf } from "./slots.ts";

const brokers = (count: number) =>
  Array.from({ length: count }, (_, number) => ({
    name: `kafka-${number}`,
    pipeline: "kafka",
    role: "broker",
    listeners: [{ port: 9092, counted: true }],
  }));
const none = { placed: new Map<string, string>(), slots: new Map<string, number>() };
const at = (...hosts: string[]) => new Map(hosts.map((host, number) => [`kafka-${number}`, host]));

describe("ports of several brokers on one host", () => {
  it("go by number on a lab that is new, and on one that has not noted them", () => {
    const hosts = at("vm1", "vm2", "vm1");
    const slots = new Map([
      ["kafka-0", 0],
      ["kafka-1", 0],
      ["kafka-2", 1],
    ]);
    expect(slotsOf(brokers(3), hosts, none)).toEqual(slots);
    expect(slotsOf(brokers(3), hosts, { placed: hosts, slots: new Map() })).toEqual(slots);
  });

  it("stay those of a broker that stays when one of a lower number comes beside it, and afterwards", () => {
    const before = {
      placed: at("vm1", "vm2", "vm3"),
      slots: new Map([
        ["kafka-1", 0],
        ["kafka-2", 0],
      ]),
    };
    const hosts = at("vm1", "vm3", "vm3");
    const slots = slotsOf(brokers(3), hosts, before);
    expect([slots.get("kafka-1"), slots.get("kafka-2")]).toEqual([1, 0]);
    expect(slotsOf(brokers(3), hosts, { placed: hosts, slots })).toEqual(slots);
  });

  it("are never two brokers', and none's change that stays, wherever brokers go", () => {
    const places = fc.array(fc.constantFrom("vm1", "vm2", "vm3"), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(places, { minLength: 1, maxLength: 6 }), (walk) => {
        let before = none;
        for (const step of walk) {
          const hosts = at(...step);
          const slots = slotsOf(brokers(step.length), hosts, before);
          const used = [...slots].map(([name, slot]) => `${hosts.get(name)} ${slot}`);
          expect(new Set(used).size).toBe(step.length);
          for (const [name, slot] of slots) {
            const stays = before.placed.get(name) === hosts.get(name);
            if (stays) expect(slot).toBe(before.slots.get(name));
          }
          before = { placed: hosts, slots: new Map(slots) };
        }
      }),
    );
  });
});
