import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { cidrList, hostList, placementMap, portList } from "./hosts.ts";
import {
  choice,
  decimal,
  flag,
  folder,
  identifier,
  infos,
  integer,
  network,
  subnet,
  word,
  words,
  yaml,
} from "./kinds.ts";

const about = "A key";
const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,30}$/);
const network16 = fc
  .tuple(fc.integer({ min: 16, max: 31 }), fc.integer({ min: 16, max: 28 }))
  .map(([second, prefix]) => `172.${second}.0.0/${prefix}`);
const host = fc.record(
  {
    name,
    address: fc.ipV4(),
    port: fc.integer({ min: 1, max: 65_535 }),
    keyFile: fc.string({ minLength: 1 }),
    jump: fc.record({ address: fc.ipV4(), port: fc.constant(22) }),
  },
  { requiredKeys: ["name", "address", "port"] },
);
const hosts = fc.uniqueArray(host, { selector: (entry) => entry.name, maxLength: 5 });
const hostNames = fc.uniqueArray(name, { minLength: 1, maxLength: 3 });
const placement = fc.record({ brokers: hostNames, savers: hostNames }, { requiredKeys: [] });

/** Every kind of key with the values that it has. */
const kinds: readonly [string, z.ZodType<unknown, string | undefined>, fc.Arbitrary<unknown>][] = [
  ["integer", integer({ min: 0, max: 64 }, 1, about), fc.integer({ min: 0, max: 64 })],
  ["decimal", decimal({ min: 0, max: 64 }, 1, about), fc.double({ min: 0.001, max: 64, noNaN: true })],
  ["choice", choice(["a", "b"], "a", about), fc.constantFrom("a", "b")],
  ["flag", flag(true, about), fc.boolean()],
  ["identifier", identifier("lab", about), fc.stringMatching(/^[a-o_][a-z0-9_]{0,62}$/)],
  ["word", word("cc", about), fc.stringMatching(/^[\w.:/@+-]{1,255}$/)],
  ["folder", folder(about), fc.string()],
  ["subnet", subnet("192.168.5.0/24", about), network16],
  ["network", network(about), fc.option(network16, { nil: undefined })],
  ["words", words(["a", "b"], ["a"], about), fc.shuffledSubarray(["a", "b"], { minLength: 1 })],
  ["yaml of hosts", yaml(hostList, [], about, "hosts"), hosts],
  ["yaml of ports", yaml(portList, [], about, "ports"), fc.array(fc.integer({ min: 1, max: 65_535 }))],
  ["yaml of networks", yaml(cidrList, [], about, "networks"), fc.array(network16)],
  ["yaml of a map", yaml(placementMap, {}, about, "a map"), placement],
];

describe.each(kinds)("%s", (_name, kind, values) => {
  it("reads back what it writes", () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(z.decode(kind, z.encode(kind, value))).toEqual(value);
      }),
    );
  });

  it("has a default that it reads, and is told of in words", () => {
    const info = infos.get(kind);
    expect(z.decode(kind, undefined)).toEqual(z.decode(kind, info?.default));
    expect(info?.allowed).toMatch(/\w/);
  });
});

describe("yaml", () => {
  const passwords = yaml(z.record(z.string(), z.string()), {}, about, "a YAML map");
  const problemOf = (text: string) => infos.get(passwords)?.problem?.(text);

  it.each([
    "cam1: *Secret1",
    "cam1: !Secret1",
    "cam1: !Secret1 x",
    "cam1: |Secret1",
    "%Secret1",
    "cam1: !!js/Secret1 x",
  ])("tells what is wrong with %j and does not quote it", (text) => {
    expect(problemOf(text)).toMatch(/^has one mistake: is not valid YAML.* in quotes$/);
    expect(problemOf(text)).not.toContain("Secret1");
  });

  it("says where a text is not YAML, and why", () => {
    expect(problemOf("a: 1\nb: [2")).toContain("is not valid YAML at line 2, column 6: ");
    expect(problemOf("a: x: y")).toContain("line 1, column 4: Nested mappings are not allowed");
  });
});
