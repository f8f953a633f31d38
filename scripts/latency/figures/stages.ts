import type { Figure } from "./cdf.ts";
import { rasterise } from "./raster.ts";
import { type Captions, type Layer, ONE, plotWidth, renderSvg, text } from "./render.ts";
import { COLOURS, LINE_HEIGHT, textWidth } from "./style.ts";

/** Where the time goes at one producer count: the stages an image passes, in order. */
export interface StageRow {
  readonly producers: number;
  readonly stages: readonly { readonly name: string; readonly meanMs: number }[];
}

export interface StagesInput extends Captions {
  readonly rows: readonly StageRow[];
}

/** Light and dark in turn, so that neighbours differ in grey print too. */
const FILLS = [
  COLOURS.skyBlue,
  COLOURS.blue,
  COLOURS.yellow,
  COLOURS.green,
  COLOURS.orange,
  COLOURS.vermillion,
  COLOURS.purple,
] as const;
const DARK: ReadonlySet<string> = new Set([COLOURS.blue, COLOURS.green, COLOURS.vermillion]);

const LEFT = 84;
const ROW = 34;
const BAR = 22;
const AXIS_HEIGHT = 44;
/** Of the plot's width, what the longest bar takes; the rest is for the total behind it. */
const LONGEST_BAR = 0.88;

/**
 * The mean time in each stage as one stacked bar a producer count, the stages from left to right in the order an image
 * passes them, each with its mean where there is room and the total behind the bar. A mean below 0 — stages are timed
 * by two clocks — has no bar; a line below the figure gives it instead.
 *
 * @param fontsDir a folder for the fonts' configuration and index, made if need be
 * @throws RangeError for a mean that is not a finite number
 */
export async function stagesFigure({ rows, ...captions }: StagesInput, fontsDir: string): Promise<Figure> {
  for (const { producers, stages } of rows)
    for (const { name, meanMs } of stages)
      if (!Number.isFinite(meanMs))
        throw new RangeError(
          `The mean of "${name}" at ${producers} producer(s) is ${meanMs}, not a number of ms.`,
        );
  const ordered = rows.toSorted((a, b) => a.producers - b.producers);
  const height = Math.max(1, ordered.length) * ROW;
  const names = [...new Set(ordered.flatMap(({ stages }) => stages.map(({ name }) => name)))];
  const key = legend(names, height + AXIS_HEIGHT);
  const width = plotWidth(LEFT);
  const longest = Math.max(
    ...ordered.map(({ stages }) => sum(stages.map(({ meanMs }) => Math.max(0, meanMs)))),
    0.001,
  );
  const domain = longest / LONGEST_BAR;
  const bars = ordered.flatMap((row, i) => bar(row, i, names, width / domain));
  const svg = await renderSvg({
    ...captions,
    note: [captions.note, ...negative(ordered)].filter((line) => line !== undefined).join("\n"),
    layers: [axis(domain), ...bars, ...key.layers],
    height,
    left: LEFT,
    below: AXIS_HEIGHT + key.height,
  });
  return { svg, png: await rasterise(svg, fontsDir) };
}

/** The axis of time, which nothing but an invisible point at 0 is drawn on by Vega-Lite's own scale. */
function axis(domain: number): Layer {
  return {
    data: { values: [{ x: 0 }] },
    mark: { type: "point", opacity: 0 },
    encoding: {
      x: {
        field: "x",
        type: "quantitative",
        scale: { domain: [0, domain], nice: false },
        axis: { title: "Mean time in each stage (ms)", tickCount: 8, labelFlush: false, titlePadding: 6 },
      },
    },
  };
}

/** One bar with its labels; positions in px. */
function bar(
  { producers, stages }: StageRow,
  row: number,
  names: readonly string[],
  pxPerMs: number,
): Layer[] {
  const y = row * ROW + (ROW - BAR) / 2;
  const baseline = y + BAR / 2 + 4;
  const layers: Layer[] = [text(count(producers), -8, baseline, { align: "right" })];
  let x = 0;
  for (const { name, meanMs } of stages.filter((stage) => stage.meanMs > 0)) {
    const colour = fill(names.indexOf(name));
    const width = meanMs * pxPerMs;
    const mark = { type: "rect", x, x2: x + width, y, y2: y + BAR, color: colour, opacity: 1 } as const;
    layers.push({ ...ONE, mark: { ...mark, stroke: "white", strokeWidth: 0.8 } });
    const label = milliseconds(meanMs);
    const style = { align: "center", color: DARK.has(colour) ? "white" : COLOURS.black } as const;
    if (textWidth(label) + 4 <= width) layers.push(text(label, x + width / 2, baseline, style));
    x += width;
  }
  const total = `${milliseconds(sum(stages.map(({ meanMs }) => meanMs)))} ms`;
  return [...layers, text(total, x + 6, baseline, { fontWeight: "bold" })];
}

/** The stages' colours, in order, as many a line as fit. */
function legend(names: readonly string[], top: number) {
  let [x, line] = [-LEFT, 0];
  const layers = names.flatMap((name, i): Layer[] => {
    const label = `${i + 1} ${name}`;
    const needed = 18 + textWidth(label) + 14;
    if (x > -LEFT && x + needed > plotWidth(LEFT)) [x, line] = [-LEFT, line + 1];
    const y = top + (line + 0.5) * LINE_HEIGHT;
    const at = x;
    x += needed;
    const swatch = {
      type: "rect",
      x: at,
      x2: at + 12,
      y: y - 6,
      y2: y + 6,
      color: fill(i),
      opacity: 1,
    } as const;
    return [{ ...ONE, mark: swatch }, text(label, at + 18, y + 4)];
  });
  return { layers, height: (line + 1) * LINE_HEIGHT + 4 };
}

/** What the bars cannot show. */
function negative(rows: readonly StageRow[]): string[] {
  return rows.flatMap(({ producers, stages }) =>
    stages
      .filter(({ meanMs }) => meanMs < 0)
      .map(
        ({ name, meanMs }) =>
          `Not drawn: ${name} with ${count(producers)}, ${milliseconds(meanMs)} ms (measured with two clocks).`,
      ),
  );
}

const count = (producers: number): string => `${producers} ${producers === 1 ? "producer" : "producers"}`;

/** Tenths up to 100 ms, and no more digits than a mean is known to. */
function milliseconds(ms: number): string {
  const digits = Math.abs(ms) < 100 ? 1 : 0;
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return ms.toLocaleString("en-GB", options).replace("-", "−");
}

const fill = (stage: number): string => FILLS[stage % FILLS.length] ?? FILLS[0];

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
