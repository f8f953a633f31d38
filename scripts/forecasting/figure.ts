import type { Evaluation } from "../../apps/logistics/analyser/quality/evaluate.ts";
import type { Figure } from "../latency/figures/cdf.ts";
import { rasterise } from "../latency/figures/raster.ts";
import { type Captions, type Layer, ONE, renderSvg, text } from "../latency/figures/render.ts";
import { COLOURS, textWidth } from "../latency/figures/style.ts";

const LEFT = 64;
const HEIGHT = 260;
const AXIS = 40;
const LEGEND = 24;
/** How much of the history is shown before the forecasts, in lengths of what is forecast. */
const SHOWN_HISTORY = 1.5;
/** More points than this are a blur, and a slow picture. */
const MOST_POINTS = 1500;

/**
 * The last stretch that was held out: what was forecast, with its interval, what came, and what the seasonal-naive
 * forecast had been.
 *
 * @param fontsDir a folder for the fonts' configuration and index, made if need be
 */
export async function forecastFigure(
  { last, captions }: { readonly last: Evaluation["last"]; readonly captions: Captions },
  fontsDir: string,
): Promise<Figure> {
  const { outcomes, naive, history } = last;
  const [fromMs, toMs] = [outcomes.at(0)?.timeMs ?? 0, outcomes.at(-1)?.timeMs ?? 0];
  const beganMs = fromMs - SHOWN_HISTORY * (toMs - fromMs);
  const known = history.filter(({ timeMs }) => timeMs >= beganMs);
  const truth = [
    ...known.map(({ timeMs, value }) => ({ x: timeMs, y: value })),
    ...outcomes.map(({ timeMs, truth: value }) => ({ x: timeMs, y: value })),
  ];
  const band = outcomes.map(({ timeMs, forecast }) => ({ x: timeMs, y: forecast.lower, y2: forecast.upper }));
  const expected = outcomes.map(({ timeMs, forecast }) => ({ x: timeMs, y: forecast.yhat }));
  const repeated = naive.map(({ timeMs, forecast }) => ({ x: timeMs, y: forecast.yhat }));
  const encoding = axes([truth.at(0)?.x ?? beganMs, toMs]);
  const svg = await renderSvg({
    ...captions,
    layers: [
      {
        data: { values: thin(band) },
        mark: { type: "area", color: COLOURS.blue, opacity: 0.22 },
        encoding: { ...encoding, y2: { field: "y2" } },
      },
      {
        data: { values: [{ x: fromMs }] },
        mark: { type: "rule", color: COLOURS.black, strokeDash: [2, 3] },
        encoding: { x: encoding.x },
      },
      line(thin(repeated), COLOURS.orange, 1, [5, 3], encoding),
      line(thin(truth), COLOURS.black, 0.8, [], encoding),
      line(thin(expected), COLOURS.blue, 1.8, [], encoding),
      ...legend(HEIGHT + AXIS + 16),
    ],
    height: HEIGHT,
    left: LEFT,
    below: AXIS + LEGEND,
  });
  return { svg, png: await rasterise(svg, fontsDir) };
}

function axes(domain: readonly [number, number]) {
  return {
    x: {
      field: "x",
      type: "temporal" as const,
      scale: { type: "utc" as const, domain: [...domain], nice: false },
      axis: { title: "time (UTC)", grid: false, format: "%-d %b %H:%M", tickCount: 6, titlePadding: 4 },
    },
    y: {
      field: "y",
      type: "quantitative" as const,
      scale: { zero: false },
      axis: { title: "value", titlePadding: 8 },
    },
  };
}

function line(
  values: readonly object[],
  color: string,
  strokeWidth: number,
  strokeDash: readonly number[],
  encoding: ReturnType<typeof axes>,
): Layer {
  return {
    data: { values: [...values] },
    mark: {
      type: "line",
      color,
      strokeWidth,
      ...(strokeDash.length > 0 ? { strokeDash: [...strokeDash] } : {}),
    },
    encoding,
  };
}

/** Points as they are, of too many every so many-th. */
function thin<T>(points: readonly T[]): T[] {
  const step = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, index) => index % step === 0);
}

function legend(y: number): Layer[] {
  const entries = [
    ["truth", COLOURS.black, 1.6, 1],
    ["forecast", COLOURS.blue, 2.2, 1],
    ["its interval", COLOURS.blue, 12, 0.22],
    ["seasonal-naive", COLOURS.orange, 1.6, 1],
  ] as const;
  let x = 0;
  return entries.flatMap(([name, color, thick, opacity]): Layer[] => {
    const at = x;
    x += 26 + textWidth(name) + 18;
    const mark = {
      type: "rect",
      x: at,
      x2: at + 20,
      y: y - thick / 2,
      y2: y + thick / 2,
      color,
      opacity,
    } as const;
    return [{ ...ONE, mark }, text(name, at + 26, y + 4)];
  });
}
