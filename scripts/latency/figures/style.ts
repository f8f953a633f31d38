/**
 * The colours of M. Okabe and K. Ito (Color Universal Design, 2008), which people with any of the common colour
 * vision deficiencies can tell apart, as well as black.
 */
export const COLOURS = {
  blue: "#0072B2",
  vermillion: "#D55E00",
  green: "#009E73",
  black: "#000000",
  skyBlue: "#56B4E9",
  orange: "#E69F00",
  yellow: "#F0E442",
  purple: "#CC79A7",
} as const;

/** How the curve of each producer count is drawn, from 1; dashes tell the curves apart in grey print. */
const CURVES = [
  { colour: COLOURS.blue, dash: [] },
  { colour: COLOURS.vermillion, dash: [7, 3] },
  { colour: COLOURS.green, dash: [2, 2] },
  { colour: COLOURS.black, dash: [8, 3, 2, 3] },
] as const;

export interface CurveStyle {
  readonly colour: string;
  /** Lengths in px of strokes and gaps; empty = solid. */
  readonly dash: readonly number[];
}

/** The style of a producer count, the same in every figure. */
export function curveStyle(producers: number): CurveStyle {
  return CURVES[(producers - 1) % CURVES.length] ?? CURVES[0];
}

/** A line in that style, as Vega-Lite names it. */
export function lineMark({ colour, dash }: CurveStyle) {
  const strokeDash = dash.length > 0 ? { strokeDash: [...dash] } : {};
  return { type: "line" as const, color: colour, strokeWidth: 1.6, ...strokeDash };
}

export const FONT = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif";
/** 8.25 pt: in a figure 6.5 in wide, none of the text gets smaller in print. */
export const FONT_SIZE = 11;
export const TITLE_SIZE = 13;
/** The width of a text column of US letter or A4 paper: 6.5 in at 96 px an inch. */
export const WIDTH = 624;
/** From one line of text to the next, in px. */
export const LINE_HEIGHT = 15;

/** The advance widths of DejaVu Sans (2.37, table hmtx) from the space to the tilde, in thousandths of the size. */
// biome-ignore format: a table
const ADVANCES = [
  318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636,
  636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
  575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685,
  611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579,
  278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
];
/** For characters that are not in the table: none that a caption may hold is much wider. */
const WIDE = 0.84;
const BOLD = 1.15;

/** How wide a text is drawn, in px. */
export function textWidth(text: string, size = FONT_SIZE, weight: "normal" | "bold" = "normal"): number {
  const ems = [...text].reduce((sum, char) => {
    const advance = ADVANCES[(char.codePointAt(0) ?? 0) - 32];
    return sum + (advance === undefined ? WIDE : advance / 1000);
  }, 0);
  return ems * size * (weight === "bold" ? BOLD : 1);
}

/** Breaks a text into lines of a width in px, at spaces but not at no-break spaces. */
export function wrap(
  text: string,
  width: number,
  size = FONT_SIZE,
  weight: "normal" | "bold" = "normal",
): string[] {
  const lines: string[] = [];
  for (const word of text.split(/[ \t]+/).filter((found) => found !== "")) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(`${last} ${word}`, size, weight) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
