import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeveralErrors } from "./errors.ts";
import { runGraph, type Task } from "./graph.ts";

/** Tasks 0…n-1, each needing some of those before it: any graph without circles. */
const acyclic = fc
  .integer({ min: 1, max: 12 })
  .chain((size) =>
    fc.tuple(
      ...Array.from({ length: size }, (_, index) => fc.subarray(Array.from({ length: index }, (_, i) => i))),
    ),
  );

function tasks(needs: readonly (readonly number[])[], run: (index: number) => Promise<void>): Task[] {
  return needs.map((list, index) => ({
    name: `t${index}`,
    needs: list.map((need) => `t${need}`),
    run: () => run(index),
  }));
}

describe("runGraph", () => {
  it("runs every task once, after all it needs, and never more than the limit at once", async () => {
    await fc.assert(
      fc.asyncProperty(acyclic, fc.integer({ min: 1, max: 4 }), async (needs, limit) => {
        const ended: number[] = [];
        let running = 0;
        let most = 0;
        await runGraph(
          tasks(needs, async (index) => {
            running += 1;
            most = Math.max(most, running);
            expect((needs[index] ?? []).every((need) => ended.includes(need))).toBe(true);
            await new Promise(setImmediate);
            running -= 1;
            ended.push(index);
          }),
          limit,
        );
        expect([...ended].sort((a, b) => a - b)).toEqual(needs.map((_, index) => index));
        expect(most).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it("runs independent tasks side by side", async () => {
    let meet: () => void = () => undefined;
    const met = new Promise<void>((resolve) => {
      meet = resolve;
    });
    const ended: number[] = [];
    await runGraph(
      tasks([[], []], async (index) => {
        // The first can only end if the second starts meanwhile.
        await (index === 0 ? met : Promise.resolve(meet()));
        ended.push(index);
      }),
      2,
    );
    expect(ended.toSorted()).toEqual([0, 1]);
  });

  it("stops only what depends on a failure and reports all failures together", async () => {
    const ran: number[] = [];
    const run = runGraph(
      tasks([[], [0], [1], [], [3]], async (index) => {
        ran.push(index);
        if (index === 0 || index === 4) throw new Error(`no ${index}`);
      }),
      2,
    );
    const error = await run.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SeveralErrors);
    expect((error as SeveralErrors).errors.map(({ message }) => message).sort()).toEqual(["no 0", "no 4"]);
    expect(ran.sort()).toEqual([0, 3, 4]);
  });

  it("refuses circles and needs that do not exist before anything runs", async () => {
    let ran = false;
    const run = async (): Promise<void> => {
      ran = true;
    };
    await expect(runGraph(tasks([[1], [0]], run), 2)).rejects.toThrow("circle");
    await expect(runGraph([{ name: "a", needs: ["b"], run }], 2)).rejects.toThrow(
      '"b", which does not exist',
    );
    expect(ran).toBe(false);
  });
});
