import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressIn, isNetwork, prefixFor, subnetProblem, usableAddresses, withPrefix } from "./subnet.ts";

const prefixes = fc.nat(32);
const networks = fc.tuple(fc.ipV4(), prefixes).map(([address, prefix]) => `${address}/${prefix}`);
const privateNetworks = fc
  .tuple(fc.constantFrom("10.9", "172.20", "192.168"), fc.nat(255), fc.nat(255), prefixes)
  .map(([range, c, d, prefix]) => `${range}.${c}.${d}/${prefix}`);

describe("isNetwork", () => {
  it.each([
    "",
    "10.0.0.0",
    "10.0.0/24",
    "10.0.0.256/24",
    "010.0.0.0/24",
    "10.0.0.0/33",
    "10.0.0.0/24 ",
    "::/64",
    "a.b.c.d/8",
    "10.0.0.1/24",
  ])("refuses %j", (text) => expect(isNetwork(text)).toBe(false));

  it("takes what is masked", () => {
    fc.assert(
      fc.property(networks, prefixes, (network, prefix) => {
        expect(isNetwork(withPrefix(network, prefix))).toBe(true);
      }),
    );
  });
});

describe("withPrefix", () => {
  it.each([
    ["192.168.5.77/24", 24, "192.168.5.0/24"],
    ["172.31.255.255/28", 16, "172.31.0.0/16"],
    ["255.255.255.255/0", 0, "0.0.0.0/0"],
    ["255.255.255.255/32", 32, "255.255.255.255/32"],
  ])("%s to %i is %s", (given, prefix, expected) => expect(withPrefix(given, prefix)).toBe(expected));
});

describe("subnetProblem", () => {
  it("proposes nothing that it would refuse itself", () => {
    fc.assert(
      fc.property(fc.oneof(networks, privateNetworks), (network) => {
        const instead = subnetProblem(network)?.instead;
        if (instead !== undefined) expect(subnetProblem(instead)).toBeUndefined();
      }),
    );
  });

  it.each([
    ["172.15.0.0/16", true],
    ["172.16.0.0/16", false],
    ["172.31.0.0/16", false],
    ["172.32.0.0/16", true],
    ["192.168.5.0/24", false],
    ["192.169.5.0/24", true],
  ])("%s is outside the private ranges: %s", (text, outside) => {
    expect(subnetProblem(text)?.reason.includes("private") ?? false).toBe(outside);
  });
});

describe("addresses", () => {
  it("are enough in the smallest network with room for a number of containers", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (containers) => {
        const prefix = prefixFor(containers);
        expect(usableAddresses(`10.0.0.0/${prefix}`)).toBeGreaterThanOrEqual(containers);
        if (prefix < 28) expect(usableAddresses(`10.0.0.0/${prefix + 1}`)).toBeLessThan(containers);
      }),
    );
  });

  it.each([
    ["192.168.5.0/24", 11, "192.168.5.11"],
    ["10.1.57.64/16", 256, "10.1.1.0"],
  ])("of %s: number %i is %s", (cidr, n, expected) => expect(addressIn(cidr, n)).toBe(expected));
});
