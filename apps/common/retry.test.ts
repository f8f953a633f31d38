import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffMs, retry, waitFor } from "./retry.ts";

const fast = { baseMs: 1, capMs: 2 };

function failing(times: number) {
  let calls = 0;
  const run = async () => {
    calls += 1;
    if (calls <= times) throw new Error(`failure ${calls}`);
    return calls;
  };
  return { run, calls: () => calls };
}

describe("backoffMs", () => {
  it("stays below both the cap and the exponential bound, whatever the attempt", () => {
    const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.nat({ max: 10_000 }), unit, (attempt, random) => {
        const ms = backoffMs(attempt, { baseMs: 10, capMs: 500 }, () => random);
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThan(Math.min(500, 10 * 2 ** attempt) + 1e-9);
      }),
    );
  });
});

describe("retry", () => {
  it("goes on until the operation succeeds, and tells of each failure", async () => {
    const told: number[] = [];
    const { run } = failing(3);
    expect(await retry(run, { ...fast, onRetry: (_error, attempt) => told.push(attempt) })).toBe(4);
    expect(told).toEqual([0, 1, 2]);
  });

  it("throws the last error once the attempts are used up", async () => {
    const { run, calls } = failing(9);
    await expect(retry(run, { ...fast, attempts: 2 })).rejects.toThrow("failure 2");
    expect(calls()).toBe(2);
  });

  it("throws at once what cannot get better", async () => {
    const { run, calls } = failing(9);
    await expect(retry(run, { ...fast, isRetryable: () => false })).rejects.toThrow("failure 1");
    expect(calls()).toBe(1);
  });

  it("stops in the middle of a pause when aborted", async () => {
    const abort = new AbortController();
    const { run } = failing(9);
    const done = retry(run, {
      baseMs: 1e9,
      capMs: 1e9,
      signal: abort.signal,
      onRetry: () => abort.abort(new Error("stop")),
    });
    await expect(done).rejects.toThrow("stop");
  });
});

describe("waitFor", () => {
  it("returns the first answer", async () => {
    let asked = 0;
    const answer = await waitFor("three", async () => (++asked === 3 ? asked : undefined), {
      timeoutMs: 5000,
      everyMs: 1,
    });
    expect(answer).toBe(3);
  });

  it("says what it waited for and what went wrong last", async () => {
    const ask = async () => Promise.reject(new Error("refused"));
    await expect(waitFor("the broker", ask, { timeoutMs: 5, everyMs: 1 })).rejects.toThrow(
      /gave up waiting for the broker after 0 s: refused/,
    );
  });
});
