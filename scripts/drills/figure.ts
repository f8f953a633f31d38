import type { Figure } from "../latency/figures/cdf.ts";
import { rasterise } from "../latency/figures/raster.ts";
import { type Captions, type Layer, ONE, plotWidth, renderSvg, text } from "../latency/figures/render.ts";
import { COLOURS, textWidth } from "../latency/figures/style.ts";
import type { FaultRecord } from "./records.ts";
import type { Series } from "./series.ts";

export interface TimelineInput extends Captions {
  readonly series: readonly Series[];
  readonly faults: readonly FaultRecord[];
  /** Beginning of the drill, ms since the epoch. */
  readonly fromMs: number;
}

const LEFT = 52;
const PANEL = 130;
const GAP = 34;
const AXIS = 40;
const LEGEND = 20;
/** Above the upper panel, for the faults' numbers. */
const NUMBERS = 32;
const LINES = [COLOURS.blue, COLOURS.vermillion, COLOURS.green, COLOURS.black, COLOURS.purple] as const;
const STEPS = [1, 2, 5] as const;

/**
 * The rate of acknowledgements (thin) and of arrivals at the slowest end (thick), and below it the lag between them, over
 * the time of the drill. Faults are shaded from their beginning to their end, lightly until the lab was whole again, and
 * have the numbers of the report.
 *
 * @param fontsDir a folder for the fonts' configuration and index, made if need be
 */
export async function timelineFigure(
  { series, faults, fromMs, ...captions }: TimelineInput,
  fontsDir: string,
): Promise<Figure> {
  const seconds = Math.max(2, ...series.map(({ lag }) => lag.length));
  const height = NUMBERS + 2 * PANEL + GAP;
  const width = plotWidth(LEFT);
  const x = (second: number) => (second / seconds) * width;
  const top = { rate: NUMBERS, lag: NUMBERS + PANEL + GAP };
  const svg = await renderSvg({
    ...captions,
    layers: [
      ...shades(faults, fromMs, x, height),
      ...panel(
        "messages a second",
        top.rate,
        series.flatMap(({ acked, arrived }, i) => [
          { values: arrived, colour: colourOf(i), width: 1.4 },
          { values: acked, colour: colourOf(i), width: 0.5 },
        ]),
        x,
      ),
      ...panel(
        "acknowledged, not yet there",
        top.lag,
        series.map(({ lag }, i) => ({ values: lag, colour: colourOf(i), width: 1.4 })),
        x,
      ),
      ...ticks(niceStep(seconds, 8), seconds).flatMap((second) => [
        line([x(second), height], [x(second), height + 4], COLOURS.black),
        text(String(second), x(second), height + 17, { align: "center" }),
      ]),
      text("seconds since the drill began", width / 2, height + 33, { align: "center" }),
      ...legend(
        series.map(({ topic }) => topic),
        height + AXIS + 14,
      ),
    ],
    height,
    left: LEFT,
    below: AXIS + LEGEND,
  });
  return { svg, png: await rasterise(svg, fontsDir) };
}

const colourOf = (index: number): string => LINES[index % LINES.length] ?? LINES[0];

type Scale = (value: number) => number;

function shades(faults: readonly FaultRecord[], beganMs: number, x: Scale, height: number): Layer[] {
  const at = (ms: number) => x((ms - beganMs) / 1000);
  const band = (fromMs: number, toMs: number, opacity: number): Layer => ({
    ...ONE,
    mark: {
      type: "rect",
      x: at(fromMs),
      x2: Math.max(at(toMs), at(fromMs) + 1.5),
      y: NUMBERS,
      y2: height,
      color: COLOURS.orange,
      opacity,
    },
  });
  const bands = faults.flatMap(({ fromMs, toMs, wholeMs }) => [
    ...(wholeMs === undefined ? [] : [band(fromMs, wholeMs, 0.15)]),
    band(fromMs, toMs, 0.45),
  ]);
  return [...bands, ...numbers(faults.map(({ fromMs }) => at(fromMs)))];
}

/** Of faults that are close to each other the later ones go without a number, which is the next one. */
function numbers(places: readonly number[]): Layer[] {
  let free = Number.NEGATIVE_INFINITY;
  return places.flatMap((x, i) => {
    const label = String(i + 1);
    const half = textWidth(label) / 2;
    if (x - half < free) return [];
    free = x + half + 3;
    return [text(label, x, 10, { align: "center" })];
  });
}

interface Line {
  readonly values: readonly number[];
  readonly colour: string;
  readonly width: number;
}

/** One plot with its own vertical axis; positions in px, as two scales share the figure. */
function panel(title: string, top: number, lines: readonly Line[], x: Scale): Layer[] {
  const most = Math.max(1, ...lines.flatMap(({ values }) => values));
  const bottom = top + PANEL;
  const y = (value: number) => bottom - (value / (most * 1.05)) * PANEL;
  return [
    text(title, 4, top - 4, {}),
    ...ticks(niceStep(most, 4), most).flatMap((value) => [
      line([0, y(value)], [plotWidth(LEFT), y(value)], "#dddddd"),
      text(String(value), -6, y(value) + 4, { align: "right" }),
    ]),
    line([0, bottom], [plotWidth(LEFT), bottom], COLOURS.black),
    ...lines.map(
      ({ values, colour, width }): Layer => ({
        data: { values: values.map((value, second) => ({ x: x(second + 0.5), y: y(value) })) },
        mark: { type: "line", color: colour, strokeWidth: width },
        encoding: {
          x: { field: "x", type: "quantitative", scale: null, axis: null },
          y: { field: "y", type: "quantitative", scale: null, axis: null },
        },
      }),
    ),
  ];
}

/** A line along one of the axes. */
function line([x, y]: [number, number], [x2, y2]: [number, number], color: string): Layer {
  const thick = 0.8;
  const mark = { type: "rect", x, y, x2: Math.max(x2, x + thick), y2: Math.max(y2, y + thick) } as const;
  return { ...ONE, mark: { ...mark, color, opacity: 1 } };
}

function legend(names: readonly string[], y: number): Layer[] {
  let x = 0;
  return names.flatMap((name, i) => {
    const at = x;
    x += 26 + textWidth(name) + 16;
    return [line([at, y], [at + 20, y], colourOf(i)), text(name, at + 26, y + 4)];
  });
}

/** The least of 1, 2 and 5 times a power of ten that divides the axis into no more parts than these. */
function niceStep(most: number, parts: number): number {
  for (let power = 1; ; power *= 10) {
    const step = STEPS.find((one) => most / (one * power) <= parts);
    if (step !== undefined) return step * power;
  }
}

function ticks(step: number, most: number): number[] {
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}
