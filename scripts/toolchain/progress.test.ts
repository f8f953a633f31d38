import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Progress } from "./progress.ts";

let written = "";
const output = (isTTY: boolean) => ({ isTTY, columns: 60, write: (text: string) => (written += text) });

// Only the clock is set by hand: the times that people see are 2 s and 15 s.
beforeEach(() => {
  written = "";
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function lasting(ms: number): () => Promise<void> {
  return () => new Promise((resolve) => setTimeout(resolve, ms));
}

describe("Progress", () => {
  it("is silent about what takes less than two seconds", async () => {
    const step = new Progress(output(false)).step("short", lasting(1_900));
    await vi.advanceTimersByTimeAsync(2_000);
    await step;
    expect(written).toBe("");
  });

  it("off a terminal says a long step at its start, every 15 s and at its end", async () => {
    const step = new Progress(output(false)).step("long", lasting(34_000));
    await vi.advanceTimersByTimeAsync(34_000);
    await step;
    expect(written.split("\n")).toEqual([
      "  long …",
      "  long … 17.0 s",
      "  long … 32.0 s",
      "  long … done in 34.0 s",
      "",
    ]);
  });

  it("shows what there is to say of a step at the moment", async () => {
    let images = 0;
    const step = new Progress(output(false)).step("long", lasting(20_000), () => `${images} images`);
    await vi.advanceTimersByTimeAsync(10_000);
    images = 7;
    await vi.advanceTimersByTimeAsync(10_000);
    await step;
    expect(written).toContain("  long …: 0 images\n");
    expect(written).toContain("  long … 17.0 s: 7 images\n");
  });

  it("on a terminal keeps one line for all steps and clears it in the end", async () => {
    const progress = new Progress(output(true));
    const steps = [progress.step("one", lasting(5_000)), progress.step("two", lasting(5_000))];
    await vi.advanceTimersByTimeAsync(3_000);
    expect(written).toContain("one 3.0 s · two 3.0 s");
    expect(written).not.toContain("\n");
    await vi.advanceTimersByTimeAsync(2_000);
    await Promise.all(steps);
    expect(written.split("\r\x1b[2K").at(-1)).toBe("  one … done in 5.0 s\n  two … done in 5.0 s\n");
  });

  it("says a failure however short", async () => {
    const step = new Progress(output(false)).step("short", () => Promise.reject(new Error("no")));
    await expect(step).rejects.toThrow("no");
    expect(written).toBe("  short … failed in 0.0 s\n");
  });
});
