import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cdfFigure } from "./figures/cdf.ts";
import { stagesFigure } from "./figures/stages.ts";
import { writeSamples } from "./samples-file.ts";
import { stageNames } from "./stages.ts";
import { bootstrap, type Distribution } from "./statistics/bootstrap.ts";
import { histogramLog } from "./statistics/hdr.ts";
import { hasRandomWeights, type Summary, summarise } from "./summary.ts";
import { summaryMarkdown } from "./summary-text.ts";
import { toSeries, type WindowRecord } from "./windows.ts";

/** What is known of a run beside its windows. */
export type About = Omit<Summary, "format" | "counts" | "windows" | "models">;

/**
 * Writes all files of a run into its folder, which is made if need be.
 * @param fontsDir for the figures' fonts
 * @returns the summary, and the files by name
 */
export async function writeResults(
  folder: string,
  records: readonly WindowRecord[],
  about: About,
  fontsDir: string,
): Promise<{ summary: Summary; files: string[] }> {
  const series = toSeries(records).filter(({ windows }) =>
    windows.some((window) => window.observations.length > 0),
  );
  const distributions = series.map((one) => bootstrap(one, { seed: about.options.seed }));
  const summary = summarise(records, distributions, about);
  const { overlay, stages } = await figures(summary, distributions, fontsDir);
  const span = { startMs: Date.parse(about.startedAt), endMs: Date.parse(about.endedAt) };
  const files: Record<string, string | Buffer> = {
    "cdf.svg": overlay.svg,
    "cdf.png": overlay.png,
    "stages.svg": stages.svg,
    "stages.png": stages.png,
    "summary.md": summaryMarkdown(summary),
    "summary.json": `${JSON.stringify(summary, undefined, 2)}\n`,
    "histograms.hlog": histogramLog(series, span),
  };
  await mkdir(folder, { recursive: true });
  await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(folder, name), content)));
  await writeSamples(join(folder, "samples.csv.gz"), records);
  return { summary, files: [...Object.keys(files), "samples.csv.gz"] };
}

async function figures(summary: Summary, distributions: readonly Distribution[], fontsDir: string) {
  const subtitle = describeRun(summary);
  const { windows, seconds } = { ...summary.options, windows: summary.options.repeats };
  const repeats = windows === 1 ? "one window" : `${windows} windows`;
  const overlay = await cdfFigure(
    {
      title: "End-to-end latency of the classification pipeline",
      subtitle,
      note:
        `From the intended sending of an image to its result at the same producer; ${repeats} of ${seconds} s for each ` +
        "number of producers. What never arrived counts as sent.",
      results: distributions,
    },
    fontsDir,
  );
  const rows = summary.counts.flatMap(({ producers, stages }) =>
    stages === null
      ? []
      : [{ producers, stages: stageNames.map((name) => ({ name, meanMs: stages.meanMs[name] })) }],
  );
  const stages = await stagesFigure(
    { title: "Where the time goes: mean time by stage", subtitle, rows },
    fontsDir,
  );
  return { overlay, stages };
}

/** What was measured, in a line under the title. */
function describeRun({ windows, models, kafka, host }: Summary): string {
  const settings = windows.flatMap((window) => window.settings);
  const rates = [...new Set(settings.map(({ perSecond }) => perSecond))].join(" or ");
  const arrivals = [...new Set(settings.map((one) => one.arrivals))].join(" and ");
  const named = models.map((model) =>
    hasRandomWeights(model) ? `${model} (load only, no knowledge)` : model,
  );
  return (
    `${rates} images/s a producer, ${arrivals} arrivals, model ${named.join(", ")}, ${kafka.brokers} brokers, ` +
    `replication ${kafka.replication}, acks=${kafka.acks}, ${kafka.security}; ${host.cores} cores`
  );
}
