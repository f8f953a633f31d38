import { describe, expect, it } from "vitest";
import { namedStack, needsPlugins, onlyMakesStack, stackArguments, wantsDefaultStack } from "./arguments.ts";

const FLAG = { type: "boolean", default: false } as const;
const read = (...args: string[]) => stackArguments(args, { "keep-data": FLAG, all: FLAG }, "the usage");

describe("stackArguments", () => {
  it("takes a stack and flags in any order, and dev when none is named", () => {
    expect(read("--all", "lab-2")).toEqual({ stack: "lab-2", values: { all: true, "keep-data": false } });
    expect(read("lab-2", "--all")).toEqual(read("--all", "lab-2"));
    expect(read().stack).toBe("dev");
  });

  it.each([
    [["--al"], "unexpected argument --al"],
    [["a", "b"], "unexpected argument b"],
    [["--all=yes"], "Option '--all' does not take an argument"],
    [["Lab"], "Lab is not a stack name"],
    [["a;b"], "a;b is not a stack name"],
  ])("refuses %o and says why, with the usage", (args, why) => {
    expect(() => read(...args)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(why), fix: "the usage" }),
    );
  });
});

describe("needsPlugins", () => {
  it.each([
    ["preview", true],
    ["--non-interactive up --yes", true],
    ["up --help", false],
    ["config set producers 3", false],
    ["stack ls", false],
    ["", false],
  ])("of «%s» is %s", (line, expected) => {
    expect(needsPlugins(line === "" ? [] : line.split(" "))).toBe(expected);
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

describe("namedStack", () => {
  it.each([
    ["up --stack lab --yes", "lab"],
    ["-s lab preview", "lab"],
    ["up --stack=lab", "lab"],
    ["up -slab", "lab"],
    ["up --stack group/edgelab/lab", "lab"],
    ["up --stack", undefined],
    ["up --yes", undefined],
  ])("finds in «%s» %s", (line, name) => {
    expect(namedStack(line.split(" "))).toBe(name);
  });
});
