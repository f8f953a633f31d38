import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changedPaths, diffDrift, diffInputs, formatPath, parsePath } from "./diff.ts";

describe("formatPath", () => {
  it.each([
    [["name"], "name"],
    [["ports", 0, "external"], "ports[0].external"],
    [["config", "retention.ms"], 'config["retention.ms"]'],
    [["labels", 'a"b'], 'labels["a\\"b"]'],
  ])("writes %j as %s", (path, text) => {
    expect(formatPath(path)).toBe(text);
  });

  it("is undone by parsePath", () => {
    const step = fc.oneof(fc.string({ minLength: 1 }), fc.nat());
    const path = fc
      .tuple(fc.stringMatching(/^[a-z]+$/), fc.array(step))
      .map(([first, rest]) => [first, ...rest]);
    fc.assert(
      fc.property(path, (steps) => {
        expect(parsePath(formatPath(steps))).toEqual(steps);
      }),
    );
  });
});

describe("changedPaths", () => {
  it.each([
    ["nothing", { a: [1] }, { a: [1] }, []],
    ["a leaf", { a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, [["a", "c"]]],
    ["an added item", { a: [1] }, { a: [1, 2] }, [["a", 1]]],
    ["a removed property", { a: 1, b: 2 }, { a: 1 }, [["b"]]],
    ["another shape", { a: { b: 1 } }, { a: [1] }, [["a"]]],
  ])("finds %s", (_what, olds, news, paths) => {
    expect(changedPaths(olds, news)).toEqual(paths);
  });
});

describe("diffInputs", () => {
  it("asks for the effect of the top-level property", () => {
    const effect = (property: string) => (property === "memory" ? "update" : "replace");
    const changes = diffInputs({ memory: 1, env: { A: "1" } }, { memory: 2, env: { A: "2" } }, effect);
    expect(changes).toEqual({ memory: "update", "env.A": "replace" });
  });
});

describe("diffDrift", () => {
  it("compares only what both sides say", () => {
    const found = { memory: 64, restart: "no", extra: 1 };
    const news = { memory: 80, restart: "no", name: "a" };
    const names = ["memory", "restart", "extra", "name"];
    expect(diffDrift(found, news, names, () => "update")).toEqual({ memory: "update" });
  });
});
