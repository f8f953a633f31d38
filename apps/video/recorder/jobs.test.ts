import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { JobQueue } from "./jobs.ts";

function openQueue(most = 2, attempts = 2) {
  const abort = new AbortController();
  const states: (string | undefined)[] = [];
  const queue = new JobQueue({
    most,
    attempts,
    isShortage: (error) => error instanceof RangeError,
    log: pino({ level: "silent" }),
    ready: async () => undefined,
    onState: (problem) => states.push(problem),
    signal: abort.signal,
  });
  return { queue, states, abort };
}

describe("JobQueue", () => {
  it("runs one job after the other, and lets whoever adds more wait", async () => {
    const { queue } = openQueue(1);
    const gates = [0, 1, 2].map(() => Promise.withResolvers<void>());
    const started: number[] = [];
    for (const [at, gate] of gates.entries()) {
      const run = () => {
        started.push(at);
        return gate.promise;
      };
      queue.add({ name: String(at), run, giveUp: async () => undefined });
    }
    let room = false;
    const waiting = queue.room(new AbortController().signal).then(() => {
      room = true;
    });
    await expect.poll(() => started).toEqual([0]);
    gates[0]?.resolve();
    await expect.poll(() => started).toEqual([0, 1]);
    expect(room).toBe(false);
    gates[1]?.resolve();
    await waiting;
    expect(started).toEqual([0, 1, 2]);
    gates[2]?.resolve();
    await queue.idle();
    expect(queue.waiting).toBe(0);
  });

  it("gives a job up that goes on failing, and says so meanwhile; the next one runs", async () => {
    const { queue, states } = openQueue();
    const done: string[] = [];
    const fail = () => Promise.reject(new Error("bad"));
    queue.add({ name: "a", run: fail, giveUp: async (error) => void done.push(String(error)) });
    queue.add({ name: "b", run: async () => void done.push("b"), giveUp: fail });
    await queue.idle();
    expect(done).toEqual(["Error: bad", "b"]);
    expect(states).toEqual(["a: bad", "a: bad", undefined, undefined]);
  });

  it("does not give up for want of space", { timeout: 20_000 }, async () => {
    const { queue } = openQueue();
    let runs = 0;
    const run = async () => {
      runs += 1;
      if (runs < 4) throw new RangeError("full");
    };
    queue.add({ name: "a", run, giveUp: () => Promise.reject(new Error("must not be called")) });
    await queue.idle();
    expect(runs).toBe(4);
  });

  it("tries once only when the app is ending, and lets nobody wait", async () => {
    const { queue, abort } = openQueue(0);
    abort.abort(new Error("ending"));
    let runs = 0;
    const run = () => {
      runs += 1;
      return Promise.reject(new Error("bad"));
    };
    queue.add({ name: "a", run, giveUp: () => Promise.reject(new Error("must not be called")) });
    await expect(queue.room(abort.signal)).rejects.toThrow("ending");
    await queue.idle();
    expect(runs).toBe(1);
  });
});
