import { describe, expect, it } from "vitest";
import { parseOptions } from "./options.ts";

describe("parseOptions", () => {
  it("has defaults that destroy nothing", () => {
    expect(parseOptions([])).toMatchObject({
      stack: "dev",
      seed: 1,
      minutes: 10,
      acks: "all",
      faults: [
        "crash",
        "hang",
        "cut",
        "slow",
        "together",
        "brokers",
        "coordinators",
        "leader",
        "host",
        "everything",
      ],
      roles: [],
      malformed: undefined,
    });
  });

  it("takes some faults, and a number of malformed messages", () => {
    expect(parseOptions(["--faults", "cut, wipe"])).toMatchObject({ faults: ["cut", "wipe"] });
    expect(parseOptions(["--malformed", "10000", "--stack", "edge"])).toMatchObject({
      malformed: 10_000,
      stack: "edge",
    });
    expect(parseOptions(["--help"])).toBe("help");
  });

  it.each([
    ["--faults", "fire", /one of crash, hang/],
    ["--minutes", "0", /number from 0\.1/],
    ["--seed", "1.5", /whole number/],
    ["--acks", "none", /neither all nor leader/],
    ["--malformed", "-1", /./],
  ])("refuses %s %s", (option, value, reason) => {
    expect(() => parseOptions([option, value])).toThrow(reason);
  });
});
