import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { summaryIn } from "../support/cdf.ts";
import { TestLab } from "../support/lab.ts";

const lab = new TestLab("overload", {
  ports: { offset: 1500 },
  producers: 1,
  // What hours of the overload would take in the database counts, though it lasts for seconds.
  disk: { budgetGB: 400 },
});
const folder = mkdtempSync(join(tmpdir(), "edgelab-overload-"));

beforeAll(async () => {
  await lab.init();
  await lab.up();
});
afterAll(async () => {
  await lab.remove();
  rmSync(folder, { recursive: true });
});

describe("./scripts/cdf", () => {
  it("says that a pipeline is overloaded instead of drawing it as if it were not", async () => {
    const out = join(folder, "overload");
    const run = await lab.cdf(out, "--producers", "1", "--seconds", "10", "--warmup", "3", "--rate", "2000");
    expect(run.all).toMatch(/OVERLOADED with 1 producer: asked 2000\.0 images\/s, reached \d+/);
    expect(run.exitCode).toBe(0);
    const [count] = summaryIn(out).counts;
    expect(count?.overloaded).toBe(true);
    expect(count?.reachedPerSecond).toBeLessThan(0.95 * 2000);
    expect(readFileSync(join(out, "cdf.svg"), "utf8")).toContain("overloaded");
  });
});
