import { describe, expect, it } from "vitest";
import { parseArguments } from "./arguments.ts";
import { onlyMakesStack, wantsDefaultStack } from "./stack/arguments.ts";

describe("parseArguments", () => {
  it("takes a stack and flags in any order, and dev when none is named", () => {
    const { stack, flags } = parseArguments(
      ["--all", "lab-2", "--keep-data"],
      ["--keep-data", "--all"],
      "usage",
    );
    expect(stack).toBe("lab-2");
    expect([...flags].sort()).toEqual(["--all", "--keep-data"]);
    expect(parseArguments([], [], "usage").stack).toBe("dev");
  });

  it.each([[["--al"]], [["a", "b"]], [["Lab"]], [["a;b"]]])("refuses %o", (args) => {
    expect(() => parseArguments(args, ["--all"], "usage")).toThrow();
  });
});

describe("wantsDefaultStack", () => {
  it.each([
    ["up --yes", true],
    ["--non-interactive preview", true],
    ["config set producers 3", true],
    ["stack output --json", true],
    ["stack", true],
    ["up --stack lab", false],
    ["up -s lab", false],
    ["up --stack=lab", false],
    ["stack init lab", false],
    ["stack ls", false],
    ["version", false],
    ["plugin ls", false],
    ["up --help", false],
    ["", false],
  ])("%s → %s", (line, answer) => {
    expect(wantsDefaultStack(line.split(" ").filter((arg) => arg !== ""))).toBe(answer);
  });
});

describe("onlyMakesStack", () => {
  it("is true of init and select only", () => {
    expect(onlyMakesStack(["stack", "init", "lab"])).toBe(true);
    expect(onlyMakesStack(["stack", "output"])).toBe(false);
    expect(onlyMakesStack(["config", "set", "init", "1"])).toBe(false);
  });
});
