import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runGraph } from "./graph.ts";
import { criticalPath, describeStretches, type Stretch, Stretches } from "./stretches.ts";

const stretch = (name: string, startedMs: number, endedMs: number): Stretch => ({ name, startedMs, endedMs });

describe("criticalPath", () => {
  it("goes from the last end backwards by what ended when each began", () => {
    const all = [
      stretch("packages", 0, 20_000),
      stretch("jars", 20_000, 35_000),
      stretch("model", 20_000, 160_000),
      stretch("tool", 20_000, 140_000),
      stretch("lab", 160_010, 220_000),
    ];
    expect(criticalPath(all).map(({ name }) => name)).toEqual(["packages", "model", "lab"]);
    expect(criticalPath([])).toEqual([]);
  });

  it("never overlaps, ends with the end of all, and has all that ran alone", () => {
    const any = fc.array(
      fc.record({ name: fc.string(), startedMs: fc.nat(1000), ms: fc.integer({ min: 1, max: 1000 }) }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(any, (drawn) => {
        const all = drawn.map(({ name, startedMs, ms }) => stretch(name, startedMs, startedMs + ms));
        const path = criticalPath(all);
        expect(path.at(-1)?.endedMs).toBe(Math.max(...all.map(({ endedMs }) => endedMs)));
        for (const [i, each] of path.slice(1).entries()) {
          expect(each.startedMs).toBeGreaterThanOrEqual(path[i]?.endedMs ?? 0);
        }
        const alone = all.filter((one) =>
          all.every(
            (other) => other === one || other.endedMs <= one.startedMs || other.startedMs >= one.endedMs,
          ),
        );
        expect(path).toEqual(expect.arrayContaining(alone));
      }),
    );
  });

  it("is the longest chain of needs where work starts as soon as it can", async () => {
    let nowMs = 0;
    const stretches = new Stretches(() => nowMs);
    const waiting: { atMs: number; resolve: () => void }[] = [];
    const lasting = (ms: number) => () =>
      new Promise<void>((resolve) => waiting.push({ atMs: nowMs + ms, resolve }));
    const task = (name: string, needs: string[], ms: number) => ({
      name,
      needs,
      run: () => stretches.of(name, lasting(ms)),
    });
    const run = runGraph(
      [task("a", [], 30), task("b", [], 50), task("c", ["a"], 100), task("d", ["b"], 40)],
      4,
    );
    let ended = false;
    void run.then(() => {
      ended = true;
    });
    while (!ended) {
      await new Promise((resolve) => setImmediate(resolve));
      waiting.sort((one, other) => one.atMs - other.atMs);
      const next = waiting.shift();
      if (next === undefined) continue;
      nowMs = next.atMs;
      next.resolve();
    }
    expect(criticalPath(stretches.all).map(({ name }) => name)).toEqual(["a", "c"]);
  });
});

describe("describeStretches", () => {
  it("has what was waited for in one table and the rest in another", () => {
    const text = describeStretches([stretch("a", 1000, 62_000), stretch("b", 1000, 3000)], 0);
    expect(text.split("\n")).toEqual([
      "what this waited for  after  took",
      "────────────────────  ─────  ──────────",
      "a                     1.0 s  1 min 01 s",
      "",
      "done beside it  after  took",
      "──────────────  ─────  ─────",
      "b               1.0 s  2.0 s",
    ]);
  });

  it("takes down what failed as well", async () => {
    const stretches = new Stretches();
    await expect(stretches.of("broken", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(stretches.all.map(({ name }) => name)).toEqual(["broken"]);
  });
});
