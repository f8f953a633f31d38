import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { Random } from "../../apps/common/random.ts";
import { createContext } from "../toolchain/context.ts";
import { compareRuns } from "./compare-runs.ts";
import { type About, writeResults } from "./results.ts";
import { summaryForTerminal } from "./summary-text.ts";
import { type MadeImage, madeWindow, steady } from "./testing/made-window.ts";
import type { WindowRecord } from "./windows.ts";

const folder = mkdtempSync(join(tmpdir(), "results-"));
const fonts = join(folder, "fonts");
const context = createContext({ ...process.env, EDGELAB_CACHE: folder });

const about: About = {
  startedAt: "2026-01-02T03:04:05.000Z",
  endedAt: "2026-01-02T03:09:05.000Z",
  interrupted: null,
  options: {
    command: "measure",
    stack: "dev",
    configFile: undefined,
    producers: [1, 2],
    seconds: 10,
    repeats: 1,
    warmupSeconds: 60,
    rate: undefined,
    arrivals: undefined,
    model: undefined,
    seed: 1,
    out: undefined,
  },
  clocks: "one clock",
  hosts: [],
  host: { name: "h", kernel: "6", cpu: "c", cores: 2, memoryGB: 8 },
  versions: { edgelab: "0", commit: "abc", node: "v24", pulumi: "3", docker: "20", kafka: "4" },
  kafka: {
    brokers: 3,
    partitions: 6,
    replication: 3,
    minInsync: 2,
    acks: "all",
    idempotent: true,
    lingerMs: 0,
    fetchMaxWaitMs: 500,
    security: "plaintext, no SASL",
  },
  config: { "edgelab:producers": "1" },
  rescales: [{ from: 1, to: 2, upSeconds: 8, touched: ["1 × create Container"], others: [] }],
};

/** Two windows of 1000 images in 10 s whose latency varies around `medianMs`, by another seed each. */
function windows(medianMs: number, seed: number): WindowRecord[] {
  const random = new Random(seed);
  const images = (): MadeImage[] =>
    Array.from({ length: 1000 }, (_, i) => ({
      atMs: i * 10,
      latencyMs: medianMs * Math.exp(random.normal() / 4),
    }));
  return [1, 2].map((producerCount) =>
    madeWindow(images(), { producerCount, perSecond: 100, models: ["small"] }),
  );
}

beforeAll(async () => {
  await writeResults(join(folder, "a"), windows(8, 1), about, fonts);
  await writeResults(join(folder, "again"), windows(8, 2), about, fonts);
  const config = { "edgelab:producers": "1", "edgelab:classification.classifierCpus": "0.5" };
  await writeResults(join(folder, "slower"), windows(12, 3), { ...about, config }, fonts);
});

describe("writeResults", () => {
  it("writes figures, summaries, the histogram log and all samples", async () => {
    const run = join(folder, "a");
    const { width = 0, height = 0, format } = await sharp(join(run, "cdf.png")).metadata();
    expect([format, width > 1000, height > 600]).toEqual(["png", true, true]);
    expect(readFileSync(join(run, "cdf.svg"), "utf8")).toMatch(/^<svg/);
    const summary = JSON.parse(readFileSync(join(run, "summary.json"), "utf8"));
    expect(
      summary.counts.map((count: { producers: number; n: number }) => [count.producers, count.n]),
    ).toEqual([
      [1, 1000],
      [2, 1000],
    ]);
    const [p50, , , p99, p999] = summary.counts[0].percentiles;
    expect(Math.abs(p50.ms - 8)).toBeLessThan(0.5);
    expect(p99.ms).toBeGreaterThan(10);
    // 1000 images are too few for it.
    expect(p999).toEqual({ p: 0.999, ms: null, lowMs: null, highMs: null });
    expect(readFileSync(join(run, "histograms.hlog"), "utf8")).toContain("Tag=producers-2,");
    const markdown = readFileSync(join(run, "summary.md"), "utf8");
    expect(markdown).toContain("| 1 → 2 | 8.0 s | 1 × create Container | nothing |");
    expect(markdown).toContain("edgelab:producers=1");
  });

  it("says plainly that a pipeline was overloaded, that images never arrived and that weights are random", async () => {
    const images = [
      ...steady(40, 100, 4000),
      ...steady(60, 100, 1).map(({ atMs }) => ({ atMs: 4000 + atMs })),
    ];
    const record = madeWindow(images, { models: ["resnet50-random-weights"] });
    const interrupted = "ended by SIGINT";
    const { summary } = await writeResults(join(folder, "over"), [record], { ...about, interrupted }, fonts);
    const text = summaryForTerminal(summary);
    expect(text).toContain("The run is not complete: ended by SIGINT.");
    expect(text).toContain(
      "OVERLOADED with 1 producer: asked 10.0 images/s, reached 4.0; 4.0/s results came back of 10.0/s images offered.",
    );
    expect(text).toContain("60 (60.00 %: 60 lost)");
    expect(text).toContain("The model resnet50-random-weights has random weights");
    expect(summary.counts[0]?.percentiles[0]).toMatchObject({ p: 0.5, ms: "never" });
    expect(readFileSync(join(folder, "over", "cdf.svg"), "utf8")).toContain("overloaded");
  });
});

describe("compareRuns", () => {
  const compare = async (a: string, b: string, out: string) => {
    const runs = [join(folder, a), join(folder, b)] as const;
    const code = await compareRuns(context, {
      command: "compare",
      runs,
      margin: 0.1,
      seed: 1,
      out: join(folder, out),
    });
    return { code, text: readFileSync(join(folder, out, "compare.txt"), "utf8") };
  };

  it("finds no difference between two runs of the same, and says that one repeat says little", async () => {
    const { code, text } = await compare("a", "again", "same");
    expect(code).toBe(0);
    expect(text).toContain("No difference beyond noise.");
    expect(text).toContain("one repeat: what varies from one run to the next is not known");
    expect(text).not.toContain("made differently");
  });

  it("names the percentiles that differ and what was made differently", async () => {
    const { text } = await compare("a", "slower", "shifted");
    expect(text).toContain("They differ in 8 of 8: p50 of 1, p90 of 1, p95 of 1, p99 of 1, p50 of 2");
    expect(text).toContain(
      "made differently: edgelab:classification.classifierCpus is (default) in A, 0.5 in B",
    );
  });

  it("names a folder that holds no run", async () => {
    await expect(compare("a", "nowhere", "x")).rejects.toThrow(
      /nowhere\/summary\.json cannot be read \(ENOENT\)/,
    );
    writeFileSync(join(folder, "summary.json"), "{}");
    await expect(compare("a", ".", "x")).rejects.toThrow(/summary\.json is not the summary of a run/);
  });
});
