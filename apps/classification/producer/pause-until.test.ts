import { describe, expect, it } from "vitest";
import { pauseUntil } from "./pause-until.ts";

describe("pauseUntil", () => {
  it.each([0.3, 1, 7.7, 20])("is never early: %d ms", async (ms) => {
    const atMs = performance.now() + ms;
    await pauseUntil(atMs, new AbortController().signal);
    expect(performance.now()).toBeGreaterThanOrEqual(atMs);
  });

  it("returns at once when the time is over", async () => {
    await expect(pauseUntil(performance.now() - 1, new AbortController().signal)).resolves.toBeUndefined();
  });

  it("ends with the signal", async () => {
    const ending = new AbortController();
    const pausing = pauseUntil(performance.now() + 3_600_000, ending.signal);
    ending.abort(new Error("the end"));
    await expect(pausing).rejects.toThrow("the end");
  });
});
