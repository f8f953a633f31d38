import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { renderTable } from "../../lib/table.ts";
import { ToolchainError } from "../toolchain/errors.ts";
import type { Context } from "../toolchain/part.ts";
import { compareFigure } from "./figures/cdf.ts";
import type { CompareOptions } from "./options.ts";
import { readSeries } from "./samples-file.ts";
import { bootstrap } from "./statistics/bootstrap.ts";
import { type Comparison, compareSeries, type Estimate } from "./statistics/compare.ts";
import { supports } from "./statistics/quantile.ts";
import type { Series } from "./statistics/series.ts";
import type { Summary } from "./summary.ts";
import { percentName } from "./summary-text.ts";

const percentiles = [0.5, 0.9, 0.95, 0.99, 0.999];

interface Run {
  readonly name: string;
  readonly summary: Summary;
  readonly series: readonly Series[];
}

/**
 * Compares two runs: every percentile at every producer count that both have, and what differs in how they were made.
 * @returns exit code 0, whether they differ or not
 */
export async function compareRuns(context: Context, options: CompareOptions): Promise<number> {
  const [a, b] = await Promise.all(options.runs.map(readRun));
  if (a === undefined || b === undefined) return 1;
  const pairs = a.series.flatMap((one) => {
    const other = b.series.find(({ producers }) => producers === one.producers);
    return other === undefined ? [] : [[one, other] as const];
  });
  if (pairs.length === 0) {
    throw new ToolchainError(
      "the two runs have no number of producers in common",
      "./scripts/cdf --producers …   # with the numbers that the other run has",
    );
  }
  const counted = pairs.map(
    ([one, other]) => percentiles.filter((p) => supports(Math.min(size(one), size(other)), p)).length,
  );
  const comparisons = counted.reduce((sum, n) => sum + n, 0);
  const { margin, seed } = options;
  const rows = pairs.flatMap(([one, other]) =>
    compareSeries(one, other, { percentiles, seed, comparisons, margin }).map((comparison) => ({
      producers: one.producers,
      comparison,
    })),
  );
  const differ = rows.filter(({ comparison }) => comparison.verdict === "differs");
  const text = [
    renderTable(
      ["producers", "percentile", "A ms", "B ms", "B − A, ms", "B ÷ A", "verdict"],
      rows.map(({ producers, comparison }) => [String(producers), ...cells(comparison)]),
    ),
    `intervals hold for all ${comparisons} comparisons together (95 %, Bonferroni); a difference of less than ` +
      `${Number((margin * 100).toPrecision(3))} % is not named`,
    ...settingsThatDiffer(a, b),
    ...oneRepeat([a, b]),
    differ.length === 0
      ? "No difference beyond noise."
      : `They differ in ${differ.length} of ${comparisons}: ${differ
          .map(({ producers, comparison }) => `${percentName(comparison.p)} of ${producers}`)
          .join(", ")}.`,
  ].join("\n");
  process.stdout.write(`A: ${options.runs[0]}\nB: ${options.runs[1]}\n\n${text}\n`);

  const results = (run: Run) => run.series.map((one) => bootstrap(one, { seed }));
  const figure = await compareFigure(
    {
      title: "End-to-end latency: two runs",
      a: { name: a.name, results: results(a) },
      b: { name: b.name, results: results(b) },
    },
    join(context.cache, "fonts"),
  );
  const folder = options.out ?? options.runs[1];
  await mkdir(folder, { recursive: true });
  const files = { "compare.svg": figure.svg, "compare.png": figure.png, "compare.txt": `${text}\n` };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), content);
    process.stdout.write(`  ${join(folder, name)}\n`);
  }
  return 0;
}

async function readRun(folder: string): Promise<Run> {
  const file = join(folder, "summary.json");
  const fix = "name the folder of a run that ./scripts/cdf has made";
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new ToolchainError(`${file} cannot be read (${error.code})`, fix);
  });
  const summary = parseSummary(text);
  if (summary === undefined) throw new ToolchainError(`${file} is not the summary of a run`, fix);
  const overloaded = new Set(
    summary.counts.filter((count) => count.overloaded).map(({ producers }) => producers),
  );
  const series = await readSeries(join(folder, "samples.csv.gz"), overloaded);
  return { name: basename(resolve(folder)), summary, series };
}

function parseSummary(text: string): Summary | undefined {
  try {
    const summary = JSON.parse(text) as Partial<Summary> | null;
    return summary?.format === "edgelab-cdf-1" ? (summary as Summary) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function cells({ p, a, b, difference, ratio, verdict }: Comparison): string[] {
  if (verdict === "not comparable") return [percentName(p), "–", "–", "–", "–", "the sample is too small"];
  return [percentName(p), show(a), show(b), interval(difference), interval(ratio), verdict];
}

function interval({ value, low, high }: Estimate): string {
  return `${show(value)} [${show(low)}, ${show(high)}]`;
}

function show(value: number): string {
  return Number.isFinite(value) ? Number(value.toPrecision(3)).toString() : value > 0 ? "never" : "−never";
}

const size = ({ windows }: Series): number =>
  windows.reduce((sum, { observations }) => sum + observations.length, 0);

/** What was not the same in how the runs were made: a reader would otherwise look for it in vain. */
function settingsThatDiffer(a: Run, b: Run): string[] {
  const facts = ({ summary }: Run): Record<string, unknown> => ({
    ...summary.config,
    ...summary.kafka,
    ...summary.versions,
    seconds: summary.options.seconds,
    models: summary.models.join(", "),
    host: summary.host.name,
    rate: [
      ...new Set(summary.windows.flatMap(({ settings }) => settings.map(({ perSecond }) => perSecond))),
    ].join(", "),
  });
  const [ofA, ofB] = [facts(a), facts(b)];
  const names = [...new Set([...Object.keys(ofA), ...Object.keys(ofB)])];
  const text = (value: unknown) =>
    value === undefined ? "(default)" : typeof value === "string" ? value : JSON.stringify(value);
  return names
    .filter((name) => text(ofA[name]) !== text(ofB[name]))
    .map((name) => `made differently: ${name} is ${text(ofA[name])} in A, ${text(ofB[name])} in B`);
}

function oneRepeat(runs: readonly Run[]): string[] {
  return runs.some(({ summary }) => summary.options.repeats === 1)
    ? [
        "one repeat: what varies from one run to the next is not known; --repeats 3 or more tells it from a difference",
      ]
    : [];
}
