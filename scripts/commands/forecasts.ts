import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Evaluation, evaluate } from "../../apps/logistics/analyser/quality/evaluate.ts";
import { forecastFigure } from "../forecasting/figure.ts";
import { formatOf, settingsOf, sourceOptions, sourceUsage } from "../forecasting/options.ts";
import { describeForecasts } from "../forecasting/report.ts";
import { fromCsv, fromLab, withAnalysers } from "../forecasting/source.ts";
import { stackArguments } from "../stack/arguments.ts";
import { createContext } from "../toolchain/context.ts";
import { runMain, ToolchainError } from "../toolchain/errors.ts";

const USAGE = `./scripts/forecasts [stack] [--out <folder>]
            how good the forecasts of the logistics pipeline are, on readings that their models were not fitted on;
            a picture of each sensor goes to the folder (results/forecasts)
${sourceUsage}`;

await runMain(async () => {
  const options = { ...sourceOptions, out: { type: "string", default: "results/forecasts" } } as const;
  const { stack, values } = stackArguments(process.argv.slice(2), options, USAGE);
  const format = formatOf(values, USAGE);
  const settings = settingsOf(values, USAGE);
  const context = createContext();
  const { histories, skipped } =
    values.csv === undefined
      ? { histories: await withAnalysers(context, stack, fromLab), skipped: 0 }
      : await fromCsv(values.csv, format, USAGE);
  if (skipped > 0)
    process.stdout.write(`${skipped} lines of ${values.csv} hold no reading and were left out\n\n`);
  const evaluations: Evaluation[] = [];
  for (const [sensor, history] of histories) {
    const evaluation = evaluate(sensor, history, settings);
    if (evaluation === undefined)
      process.stdout.write(`${sensor}: too few readings yet, ${history.length}\n`);
    else evaluations.push(evaluation);
  }
  if (evaluations.length === 0) {
    throw new ToolchainError(
      "no sensor has enough readings",
      "wait until there are more, then ./scripts/forecasts",
    );
  }
  process.stdout.write(`${describeForecasts(evaluations, settings.intervalWidth)}\n\n`);
  await mkdir(values.out, { recursive: true });
  for (const { sensor, last } of evaluations) {
    const captions = {
      title: `Forecast of ${sensor} against what came`,
      subtitle: `fitted on ${last.history.length} readings up to the dotted line; interval for ${settings.intervalWidth * 100} %`,
    };
    const { svg, png } = await forecastFigure({ last, captions }, join(context.cache, "fonts"));
    const file = join(values.out, encodeURIComponent(sensor));
    await writeFile(`${file}.svg`, svg);
    await writeFile(`${file}.png`, png);
    process.stdout.write(`${file}.png\n`);
  }
  return 0;
});
