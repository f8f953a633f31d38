import { describe, expect, it } from "vitest";
import { isAtLeast, parseVersion } from "./versions.ts";

describe("parseVersion", () => {
  it.each([
    ["go version go1.26.8 linux/amd64", [1, 26, 8]],
    ["go1.19", [1, 19, 0]],
    ["v3.259.0", [3, 259, 0]],
    ["3.200.1-alpha.1+dirty", [3, 200, 1]],
    ["Apache Maven 3.8.7 (NON_CANONICAL)", [3, 8, 7]],
  ])("reads %s", (text, version) => {
    expect(parseVersion(text)).toEqual(version);
  });

  it("finds none where there is none", () => {
    expect(parseVersion("no version here 12")).toBeUndefined();
  });
});

describe("isAtLeast", () => {
  it.each([
    ["3.200.0", "3.200.0", true],
    ["3.199.9", "3.200.0", false],
    ["4.0.0", "3.200.0", true],
    ["go1.9", "1.21.0", false],
    ["go1.21rc1", "1.21.0", true],
    ["", "1.0.0", false],
  ])("%s against %s is %s", (found, oldest, answer) => {
    expect(isAtLeast(found, oldest)).toBe(answer);
  });
});
