import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cidrProblem, formatCidr, masked, prefixFor, readCidr, usableAddresses } from "./cidr.ts";

const networks = fc.record({ address: fc.nat(0xffff_ffff), prefix: fc.nat(32) });

describe("cidr", () => {
  it("is read as it is written", () => {
    fc.assert(
      fc.property(networks, (network) => {
        expect(readCidr(formatCidr(network))).toEqual(network);
      }),
    );
  });

  it.each([
    "",
    "10.0.0.0",
    "10.0.0/24",
    "10.0.0.256/24",
    "10.0.0.0/33",
    "10.0.0.0/24 ",
    "::/64",
    "a.b.c.d/8",
  ])("refuses %j", (text) => expect(readCidr(text)).toBeUndefined());

  it.each([
    ["192.168.5.77/24", "192.168.5.0/24"],
    ["172.31.255.255/16", "172.31.0.0/16"],
    ["255.255.255.255/0", "0.0.0.0/0"],
    ["255.255.255.255/32", "255.255.255.255/32"],
  ])("masks %s to %s", (given, expected) => {
    expect(formatCidr(masked(readCidr(given) ?? { address: -1, prefix: 0 }))).toBe(expected);
  });

  it("proposes nothing that it would refuse itself", () => {
    const privateNetworks = networks.map(({ address, prefix }) => ({
      address: 0x0a00_0000 | (address >>> 8),
      prefix,
    }));
    fc.assert(
      fc.property(fc.oneof(networks, privateNetworks), (network) => {
        const instead = cidrProblem(formatCidr(network))?.instead;
        if (instead !== undefined) expect(cidrProblem(instead)).toBeUndefined();
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
    expect(cidrProblem(text)?.reason.includes("private") ?? false).toBe(outside);
  });

  it("finds the smallest network with room for a number of containers", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (containers) => {
        const prefix = prefixFor(containers);
        expect(usableAddresses({ address: 0, prefix })).toBeGreaterThanOrEqual(containers);
        if (prefix < 28) expect(usableAddresses({ address: 0, prefix: prefix + 1 })).toBeLessThan(containers);
      }),
    );
  });
});
