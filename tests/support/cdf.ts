import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import type { Summary } from "../../scripts/latency/summary.ts";
import { docker, eventually, type TestLab } from "./lab.ts";

/** Length of a window, long enough for a stall within it. */
const seconds = 20;

type Run = ReturnType<TestLab["cdf"]>;

/** What `./scripts/cdf` left in its folder, as the figures are drawn from it. */
export function summaryIn(out: string): Summary {
  return JSON.parse(readFileSync(join(out, "summary.json"), "utf8")) as Summary;
}

/**
 * Tests of `./scripts/cdf` on a lab that is up, with one producer of images.
 *
 * @param rate images a second of each producer
 */
export function measures(lab: TestLab, rate: number): void {
  const folder = mkdtempSync(join(tmpdir(), "edgelab-cdf-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const producers = async () =>
    Object.entries(await lab.containers())
      .filter(([name]) => name.startsWith("classification-producer-"))
      .sort();

  it("measures each producer count, a stall in full, accounts for every image and leaves the lab as it was", async () => {
    const before = await lab.containers();
    const out = join(folder, "whole");
    const running = lab.cdf(out, "--producers", "1,2", "--seconds", `${seconds}`, "--warmup", "10");
    await printed(running, `producer: measuring ${seconds} s`);
    const stallMs = await stalled(`edgelab-${lab.stack}-classification-classifier-1`);
    const run = await running;
    expect(run.all).toContain("nothing else");
    expect(run.exitCode).toBe(0);
    // Pulumi would leave its salt there.
    expect(existsSync(join(import.meta.dirname, "../..", `Pulumi.${lab.stack}.yaml`))).toBe(false);
    // The very same containers: neither the first producer nor anything beside the producers was touched.
    expect(await lab.containers()).toEqual(before);

    const { counts, windows, rescales, kafka, interrupted } = summaryIn(out);
    expect(interrupted).toBeNull();
    expect(counts.map((count) => count.producers)).toEqual([1, 2]);
    for (const { producers: count, n, received, never, stages, percentiles } of counts) {
      // Of a schedule, so exactly as many; which one the window's end falls on is chance.
      expect(Math.abs(n - count * rate * seconds)).toBeLessThanOrEqual(count);
      expect(received, JSON.stringify(never)).toBe(n);
      const [p50] = percentiles;
      expect(p50?.ms).toBeGreaterThan(0);
      expect(stages?.n).toBe(n);
    }
    // Images were due all through the stall, one every so often, and waited for its end: the first the longest.
    const [count] = counts;
    const everyMs = 1000 / rate;
    expect(count?.maxMs).toBeGreaterThan(stallMs - 2 * everyMs);
    const longer = Math.ceil((count?.n ?? 0) / 20);
    const p95 = count?.percentiles.find(({ p }) => p === 0.95)?.ms;
    expect(p95).toBeGreaterThan(stallMs - (longer + 2) * everyMs);
    expect(windows).toHaveLength(2);
    for (const { containers, eventLoops, lag } of windows) {
      expect(containers.map(({ name }) => name)).toContain(`edgelab-${lab.stack}-kafka-0`);
      expect(
        containers.filter(({ restarted, cores, memoryMB }) => restarted || cores <= 0 || memoryMB <= 1),
      ).toEqual([]);
      expect(eventLoops.map(({ app }) => app)).toContain("classifier-1");
      expect(lag.map(({ group }) => group)).toContain("classification-recorder-results");
    }
    expect(rescales).not.toEqual([]);
    expect(rescales.flatMap(({ others }) => others)).toEqual([]);
    expect(kafka).toMatchObject({ brokers: 3, partitions: 6, replication: 3, minInsync: 2, acks: "all" });
    const figures = ["cdf.png", "cdf.svg", "stages.png"];
    for (const file of [...figures, "summary.md", "histograms.hlog", "samples.csv.gz"]) {
      expect(existsSync(join(out, file))).toBe(true);
    }
  });

  it("brings the lab back when it is interrupted", async () => {
    const before = await producers();
    expect(before).toHaveLength(1);
    const out = join(folder, "interrupted");
    const run = lab.cdf(out, "--producers", "2", "--seconds", "300", "--warmup", "3");
    await printed(run, "producers: measuring 300 s");
    expect(await producers()).toHaveLength(2);
    run.kill("SIGINT");
    const { exitCode, all } = await run;
    expect(exitCode).toBe(130);
    expect(all).toContain("the lab is as its stack config says again");
    expect(await producers()).toEqual(before);
  });
}

/** Lets a container stand still for a while. @returns how long, ms */
async function stalled(container: string): Promise<number> {
  // An engine gives freezing up when a process is deep in the kernel, and may be asked again.
  await eventually("the container to be paused", () => docker("pause", container));
  const stopped = performance.now();
  // The length of the stall, which is what is measured.
  await after(5000);
  const stallMs = performance.now() - stopped;
  await docker("unpause", container);
  return stallMs;
}

/** Resolves when the run has printed this. */
function printed(run: Run, text: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let seen = "";
  run.all.on("data", (chunk: Buffer) => {
    seen += chunk.toString();
    if (seen.includes(text)) resolve();
  });
  run.all.on("end", () =>
    reject(new Error(`the run ended without printing ${JSON.stringify(text)}:\n${seen}`)),
  );
  return promise;
}
