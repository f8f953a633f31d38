import type { Distribution } from "../statistics/bootstrap.ts";
import { type LogAxis, latencyLabel, logAxis } from "./axis.ts";
import { BAND_OPACITY, type LegendEntry, legend, MARKED } from "./legend.ts";
import { type Captions, type Layer, plotWidth, renderSvg } from "./render.ts";
import { lineMark } from "./style.ts";

/** One curve of a graph. */
export interface Curve extends LegendEntry {
  readonly distribution: Distribution;
  /** Rings instead of filled marks, to tell two runs apart. */
  readonly hollow: boolean;
}

const LEFT = 46;
/** A step that is smaller than this part of either axis cannot be seen in print. */
const INVISIBLE = 1 / 300;
const HEIGHT = 250;
/** Room for the axis of latency: ticks, labels and title. */
const AXIS_HEIGHT = 44;

/** Draws cumulative distribution functions on one graph, the latency logarithmic. */
export function curvesSvg(curves: readonly Curve[], captions: Captions): Promise<string> {
  const axis = logAxis(curves.flatMap(({ distribution }) => extent(distribution)));
  const width = plotWidth(LEFT);
  const { layers, height } = legend(curves, 0, HEIGHT + AXIS_HEIGHT, width);
  return renderSvg({
    ...captions,
    layers: [
      ...curves.map((curve) => band(curve, axis)),
      ...curves.map((curve) => line(curve, axis)),
      ...curves.map((curve) => percentiles(curve, axis)),
      ...layers,
    ],
    height: HEIGHT,
    left: LEFT,
    below: AXIS_HEIGHT + height,
  });
}

/** What the legend says of a curve. */
export function describe({ producers, n, lost, overloaded }: Distribution): string {
  const count = `${producers} ${producers === 1 ? "producer" : "producers"}`;
  const part = lost > 0 ? ` = ${percentage(lost / n)}` : "";
  const images = `n = ${n.toLocaleString("en-GB")}, lost ${lost.toLocaleString("en-GB")}${part}`;
  return `${count} (${images})${overloaded ? ", overloaded" : ""}`;
}

/** Two digits, and never 0 % for what is not 0. */
function percentage(part: number): string {
  const percent = 100 * part;
  return `${percent >= 9.95 ? percent.toFixed(0) : percent.toPrecision(2)} %`;
}

const extent = ({ ecdf }: Distribution): number[] =>
  [ecdf.at(0)?.latencyMs, ecdf.at(-1)?.latencyMs].filter((latency) => latency !== undefined);

/** The axes, which every layer with data names alike. */
function encoding({ low, high, ticks, labelled }: LogAxis) {
  const labels = Object.fromEntries(labelled.map((tick) => [String(tick), latencyLabel(tick)]));
  const x = {
    field: "x",
    type: "quantitative" as const,
    scale: { type: "log" as const, domain: [low, high], nice: false },
    axis: {
      title: "End-to-end latency: intended sending to result received (log scale)",
      values: [...ticks],
      labelExpr: `(${JSON.stringify(labels)})[toString(datum.value)] || ''`,
      labelOverlap: false,
      labelFlush: false,
      titlePadding: 6,
    },
  };
  const y = {
    field: "y",
    type: "quantitative" as const,
    scale: { domain: [0, 1], nice: false },
    axis: {
      title: "Cumulative fraction of images sent",
      values: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
      format: ".1f",
      titlePadding: 8,
    },
  };
  return { x, y };
}

function band({ distribution, colour }: Curve, axis: LogAxis): Layer {
  const points = distribution.band.filter(({ latencyMs }) => latencyMs >= axis.low && latencyMs <= axis.high);
  return {
    data: { values: points.map(({ latencyMs, low, high }) => ({ x: latencyMs, y: low, y2: high })) },
    mark: { type: "area", color: colour, opacity: BAND_OPACITY },
    encoding: { ...encoding(axis), y2: { field: "y2" } },
  };
}

/**
 * Starts at 0 and, where images never arrived, goes on level to the edge: no later image will lift it. Steps have
 * corners where they can be seen; smaller ones are joined straight, since a dashed line of tiny steps is a blur.
 */
function line(curve: Curve, axis: LogAxis): Layer {
  const { ecdf, lost } = curve.distribution;
  const steps = ecdf.map(({ latencyMs, fraction }) => ({ x: Math.max(latencyMs, axis.low), y: fraction }));
  const [first, last] = [steps.at(0), steps.at(-1)];
  const path = first ? [{ x: first.x, y: 0 }] : [];
  for (const step of steps) {
    const { x, y } = path.at(-1) ?? step;
    const across = Math.log(step.x / x) / Math.log(axis.high / axis.low);
    if (across >= INVISIBLE && step.y - y >= INVISIBLE) path.push({ x: step.x, y });
    path.push(step);
  }
  if (last && lost > 0) path.push({ x: axis.high, y: last.y });
  return {
    data: { values: path.map((point, order) => ({ ...point, order })) },
    mark: { ...lineMark(curve), strokeJoin: "round" },
    encoding: { ...encoding(axis), order: { field: "order", type: "quantitative" } },
  };
}

function percentiles({ distribution, colour, hollow }: Curve, axis: LogAxis): Layer {
  const marked = MARKED.flatMap(({ p, shape }) =>
    distribution.percentiles
      .filter((found) => found.p === p && found.supported && Number.isFinite(found.value))
      .map(({ value }) => ({ x: Math.max(value, axis.low), y: p, shape })),
  );
  return {
    data: { values: marked },
    mark: {
      type: "point",
      filled: true,
      opacity: 1,
      // A hollow mark rings a filled one at the same place, rather than hiding it.
      size: hollow ? 90 : 48,
      fill: hollow ? "transparent" : colour,
      stroke: hollow ? colour : "white",
      strokeWidth: hollow ? 1.2 : 0.7,
    },
    encoding: { ...encoding(axis), shape: { field: "shape", type: "nominal", scale: null } },
  };
}
