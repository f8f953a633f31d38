import { type Curve, curvesSvg } from "../../scripts/latency/figures/curves.ts";
import { rasterise } from "../../scripts/latency/figures/raster.ts";
import { COLOURS } from "../../scripts/latency/figures/style.ts";
import { bootstrap } from "../../scripts/latency/statistics/bootstrap.ts";
import type { Series } from "../../scripts/latency/statistics/series.ts";
import type { Window } from "./report.ts";
import { producerCount } from "./system.ts";

const colours = [COLOURS.blue, COLOURS.vermillion, COLOURS.green, COLOURS.black];
const dashes = [[], [6, 3], [2, 2]];
/** Length of the blocks that a window is cut into for the bootstrap, s. */
const blockSeconds = 1;

/** The latencies of all pipelines and rates on one graph: a colour for each pipeline, a dash for each rate. */
export async function picture(windows: readonly Window[], fontsDir: string): Promise<Buffer> {
  const systems = [...new Set(windows.map(({ system }) => system))];
  const rates = [...new Set(windows.map(({ rate }) => rate))];
  const curves = systems.flatMap((system, colour) =>
    rates.map((rate, dash): Curve => {
      const own = windows.filter((each) => each.system === system && each.rate === rate);
      const distribution = bootstrap(seriesOf(own), { seed: 1, resamples: 300 });
      const lost = distribution.lost === 0 ? "" : `, lost ${distribution.lost}`;
      return {
        distribution,
        label: `${system}, ${producerCount} × ${rate}/s (n = ${distribution.n}${lost})`,
        hollow: false,
        colour: colours[colour % colours.length] ?? COLOURS.black,
        dash: dashes[dash % dashes.length] ?? [],
      };
    }),
  );
  const rounds = new Set(windows.map(({ round }) => round)).size;
  const svg = await curvesSvg(curves, {
    title: "Image classification: edgelab beside Python",
    subtitle: `Same brokers, model, images and limits of memory; ${rounds} alternating rounds of ${windows[0]?.seconds ?? 0} s`,
  });
  return rasterise(svg, fontsDir);
}

function seriesOf(windows: readonly Window[]): Series {
  return {
    producers: producerCount,
    overloaded: false,
    windows: windows.map(({ fates, seconds }) => {
      const startUs = Math.min(...fates.map(({ dueUs }) => dueUs));
      const blocks = Math.ceil(seconds / blockSeconds);
      return {
        blocks,
        observations: fates.map(({ dueUs, latencyMs }) => ({
          latencyMs,
          block: Math.min(blocks - 1, Math.floor((dueUs - startUs) / 1e6 / blockSeconds)),
        })),
      };
    }),
  };
}
