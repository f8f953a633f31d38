import { type Layer, ONE, text } from "./render.ts";
import { COLOURS, type CurveStyle, LINE_HEIGHT, lineMark, textWidth } from "./style.ts";

/** One line of a legend: how the curve looks and what it is. */
export interface LegendEntry extends CurveStyle {
  readonly label: string;
}

/** The percentiles marked on the curves, each by a shape of its own. */
export const MARKED = [
  { p: 0.5, label: "median", shape: "circle" },
  { p: 0.9, label: "p90", shape: "square" },
  { p: 0.95, label: "p95", shape: "triangle-up" },
  { p: 0.99, label: "p99", shape: "diamond" },
] as const;

/** Light enough for four bands on top of each other. */
export const BAND_OPACITY = 0.15;

const SAMPLE_WIDTH = 34;
const SAMPLE_GAP = 8;

/** A legend's layers and the height they take, in px. */
export interface Legend {
  readonly layers: readonly Layer[];
  readonly height: number;
}

/**
 * A legend of curves, in two columns (filled one after the other) if the labels leave room for them, and below it one
 * line that explains the marks on the curves.
 *
 * @param left, top, width where it goes, in px from the plot's upper left corner
 */
export function legend(entries: readonly LegendEntry[], left: number, top: number, width: number): Legend {
  const widest = Math.max(...entries.map(({ label }) => SAMPLE_WIDTH + SAMPLE_GAP + textWidth(label)));
  const columns = widest <= width / 2 && entries.length > 1 ? 2 : 1;
  const rows = Math.ceil(entries.length / columns);
  const curves = entries.flatMap((entry, i): Layer[] => {
    const x = left + Math.floor(i / rows) * (width / columns);
    const y = top + ((i % rows) + 0.5) * LINE_HEIGHT;
    return [sample(entry, x, y), text(entry.label, x + SAMPLE_WIDTH + SAMPLE_GAP, y + 4)];
  });
  const y = top + (rows + 0.5) * LINE_HEIGHT + 3;
  return { layers: [...curves, ...marks(left, y)], height: (rows + 1) * LINE_HEIGHT + 6 };
}

function sample(entry: LegendEntry, x: number, y: number): Layer {
  const points = [x, x + SAMPLE_WIDTH].map((at) => ({ x: at, y }));
  const direct = { type: "quantitative", scale: null, axis: null } as const;
  return {
    data: { values: points },
    mark: lineMark(entry),
    encoding: { x: { field: "x", ...direct }, y: { field: "y", ...direct } },
  };
}

function marks(left: number, y: number): Layer[] {
  let x = left + 5;
  const shapes = MARKED.flatMap(({ label, shape }): Layer[] => {
    const at = x;
    x += 30 + textWidth(label);
    return [
      {
        ...ONE,
        mark: { type: "point", x: at, y, shape, filled: true, color: COLOURS.black, opacity: 1, size: 40 },
      },
      text(label, at + 9, y + 4),
    ];
  });
  const band = {
    type: "rect",
    x,
    x2: x + 24,
    y: y - 5,
    y2: y + 5,
    color: COLOURS.black,
    opacity: BAND_OPACITY,
  } as const;
  return [...shapes, { ...ONE, mark: band }, text("95 % confidence band", x + 24 + SAMPLE_GAP, y + 4)];
}
