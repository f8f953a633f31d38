import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { COLOURS, FONT, FONT_SIZE, LINE_HEIGHT, TITLE_SIZE, WIDTH, wrap } from "./style.ts";

/** One mark, or group of marks, of a figure. */
export type Layer = Extract<TopLevelSpec, { readonly layer: unknown }>["layer"][number];

/** The words around a figure. */
export interface Captions {
  readonly title: string;
  /** Below the title; one paragraph a line. */
  readonly subtitle?: string;
  /** Below the figure. */
  readonly note?: string;
}

/** The plot itself: its layers and the room it and its axes take, in px. */
export interface Plot extends Captions {
  readonly layers: readonly Layer[];
  readonly height: number;
  /** Room left of the plot for the axis. */
  readonly left: number;
  /** Room below the plot for the axis and the legend; the note follows. */
  readonly below: number;
}

const MARGIN = 12;
/** Right of the plot: half a label of the last tick. */
const RIGHT = 26;

/** How wide a plot is between its left axis and the right margin, in px. */
export const plotWidth = (left: number): number => WIDTH - MARGIN - left - RIGHT;

/**
 * Draws a plot with its captions as an SVG of fixed width. Every text has a place of its own, computed here: without
 * a browser, Vega only guesses how large texts are, and would leave too much room or too little.
 *
 * @throws what Vega-Lite says of a specification it cannot draw
 */
export async function renderSvg(plot: Plot): Promise<string> {
  const room = WIDTH - 2 * MARGIN;
  const subtitle = (plot.subtitle ?? "").split("\n").flatMap((line) => wrap(line, room));
  const note = (plot.note ?? "").split("\n").flatMap((line) => wrap(line, room));
  const title = wrap(plot.title, room, TITLE_SIZE, "bold");
  const above = title.length * (LINE_HEIGHT + 3) + subtitle.length * LINE_HEIGHT + 8;
  const captions = [
    ...title.map((line, i) => ({ line, y: (i + 1) * (LINE_HEIGHT + 3) - 5 - above, size: TITLE_SIZE })),
    ...subtitle.map((line, i) => ({
      line,
      y: (i - subtitle.length + 1) * LINE_HEIGHT - 12,
      size: FONT_SIZE,
    })),
    ...note.map((line, i) => ({
      line,
      y: plot.height + plot.below + (i + 1) * LINE_HEIGHT,
      size: FONT_SIZE,
    })),
  ];
  const spec: TopLevelSpec = {
    width: plotWidth(plot.left),
    height: plot.height,
    background: "white",
    autosize: "none",
    padding: {
      left: MARGIN + plot.left,
      right: RIGHT,
      top: MARGIN + above,
      bottom: MARGIN + plot.below + note.length * LINE_HEIGHT,
    },
    config: CONFIG,
    layer: [
      ...plot.layers,
      ...captions.map(({ line, y, size }) =>
        text(line, -plot.left, y, { fontSize: size, fontWeight: size === TITLE_SIZE ? "bold" : "normal" }),
      ),
    ],
  };
  const view = new View(parse(compile(spec).spec), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

interface TextStyle {
  readonly align?: "left" | "center" | "right";
  readonly fontSize?: number;
  readonly fontWeight?: "normal" | "bold";
  readonly color?: string;
}

/** A text at a place in px from the plot's upper left corner, its baseline there. */
export function text(words: string, x: number, y: number, style: TextStyle = {}): Layer {
  return {
    ...ONE,
    mark: {
      type: "text",
      text: words,
      x,
      y,
      baseline: "alphabetic",
      align: "left",
      fontSize: FONT_SIZE,
      color: COLOURS.black,
      ...style,
    },
  };
}

/** A layer of a single mark at a fixed place: one row of data and nothing encoded from it. */
export const ONE = { data: { values: [{}] }, encoding: {} };

const CONFIG: NonNullable<TopLevelSpec["config"]> = {
  font: FONT,
  // Thousands of coordinates read out say less than the captions.
  aria: false,
  view: { stroke: null },
  axis: {
    labelFontSize: FONT_SIZE,
    titleFontSize: FONT_SIZE,
    titleFontWeight: "normal",
    labelColor: "#000000",
    titleColor: "#000000",
    domainColor: "#000000",
    tickColor: "#000000",
    gridColor: "#dddddd",
    gridWidth: 0.6,
  },
};
