import { describe, expect, it } from "vitest";
import { createLogger } from "./logging.ts";
import { exitFailed, exitOverdue, Shutdown } from "./shutdown.ts";

const log = createLogger({ app: "test", level: "fatal", environment: "test" });

describe("Shutdown", () => {
  it("runs the steps one after the other, last added first, with its signal aborted", async () => {
    const shutdown = new Shutdown({ log, graceMs: 5000 });
    const seen: string[] = [];
    shutdown.add("pool", async () => seen.push(`pool ${shutdown.signal.aborted}`));
    shutdown.add("consumer", async () => {
      await Promise.resolve();
      seen.push("consumer");
    });
    expect(await shutdown.end("test")).toBe(0);
    expect(seen).toEqual(["consumer", "pool true"]);
  });

  it("goes on after a failed step and says so by its exit code", async () => {
    const shutdown = new Shutdown({ log, graceMs: 5000 });
    const seen: string[] = [];
    shutdown.add("pool", async () => seen.push("pool"));
    shutdown.add("consumer", async () => Promise.reject(new Error("gone")));
    expect(await shutdown.end("test")).toBe(exitFailed);
    expect(seen).toEqual(["pool"]);
  });

  it("gives up when the steps take longer than the grace period", async () => {
    const shutdown = new Shutdown({ log, graceMs: 5 });
    shutdown.add("stuck", () => new Promise(() => {}));
    expect(await shutdown.end("test")).toBe(exitOverdue);
  });

  it("runs once, however often it is asked to, and keeps the first exit code", async () => {
    const shutdown = new Shutdown({ log, graceMs: 5000 });
    let runs = 0;
    shutdown.add("count", async () => {
      runs += 1;
    });
    expect(await Promise.all([shutdown.end("failure", 3), shutdown.end("signal")])).toEqual([3, 3]);
    expect(runs).toBe(1);
  });
});
