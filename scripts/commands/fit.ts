import { fitModel } from "../../apps/logistics/analyser/fit/fit.ts";
import { shortage, thinned } from "../../apps/logistics/analyser/fit/history.ts";
import type { FitSettings } from "../../apps/logistics/analyser/fit/settings.ts";
import type { Model } from "../../apps/logistics/analyser/model/model.ts";
import { storeModel } from "../../apps/logistics/analyser/models/store-model.ts";
import type { Histories } from "../forecasting/history.ts";
import { formatOf, settingsOf, sourceOptions, sourceUsage } from "../forecasting/options.ts";
import { fromCsv, fromLab, runIn, withAnalysers } from "../forecasting/source.ts";
import { stackArguments } from "../stack/arguments.ts";
import { createContext } from "../toolchain/context.ts";
import { runMain, ToolchainError } from "../toolchain/errors.ts";

const USAGE = `./scripts/fit [stack] [--models <folder>]
            fits a model for each sensor of the logistics pipeline, and puts it where the analysers of the lab find it,
            or into a folder
${sourceUsage}`;

await runMain(async () => {
  const options = { ...sourceOptions, models: { type: "string" } } as const;
  const { stack, values } = stackArguments(process.argv.slice(2), options, USAGE);
  const settings = settingsOf(values, USAGE);
  const format = formatOf(values, USAGE);
  const { csv, models: folder } = values;
  const context = createContext();
  const fromFile = csv === undefined ? undefined : (await fromCsv(csv, format, USAGE)).histories;
  if (fromFile !== undefined && folder !== undefined) {
    await keep(fitAll(fromFile, settings), folder);
    return 0;
  }
  await withAnalysers(context, stack, async (analysers) => {
    const models = fitAll(fromFile ?? (await fromLab(analysers)), settings);
    if (folder !== undefined) return keep(models, folder);
    const input = models.map((model) => `${JSON.stringify(model)}\n`).join("");
    for (const analyser of analysers) {
      const paths = await runIn(analyser, "put", input);
      process.stdout.write(paths.trim().replaceAll(/^/gm, `${analyser.name}: `).concat("\n"));
    }
  });
  return 0;
});

/** @throws ToolchainError when there is none that a model could be fitted for */
function fitAll(histories: Histories, settings: FitSettings): Model[] {
  const models = [...histories].flatMap(([sensor, history]) => {
    const short = shortage(thinned(history, settings.maxObservations));
    if (short === undefined) return [fitModel({ sensor, history, settings, nowMs: Date.now() })];
    process.stdout.write(`${sensor}: left out, ${short}\n`);
    return [];
  });
  if (models.length > 0) return models;
  throw new ToolchainError("no sensor has enough readings", "wait until there are more, then ./scripts/fit");
}

async function keep(models: readonly Model[], folder: string): Promise<void> {
  for (const model of models) process.stdout.write(`${await storeModel(folder, model)}\n`);
}
