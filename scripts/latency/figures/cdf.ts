import type { Distribution } from "../statistics/bootstrap.ts";
import { curvesSvg, describe } from "./curves.ts";
import { rasterise } from "./raster.ts";
import type { Captions } from "./render.ts";
import { curveStyle } from "./style.ts";

/** A picture as text that scales, and as dots (300 an inch). */
export interface Figure {
  readonly svg: string;
  readonly png: Buffer;
}

export interface CdfInput extends Captions {
  /** One a producer count, as bootstrap() gives them. */
  readonly results: readonly Distribution[];
}

/**
 * The latency of all producer counts on one graph: cumulative fraction of the images sent, with confidence bands and
 * marks at the percentiles that the samples are large enough for. A curve levels off below 1 where images never
 * arrived.
 *
 * @param fontsDir a folder for the fonts' configuration and index, made if need be
 */
export async function cdfFigure({ results, ...captions }: CdfInput, fontsDir: string): Promise<Figure> {
  const curves = results
    .toSorted((a, b) => a.producers - b.producers)
    .map((distribution) => ({
      distribution,
      label: describe(distribution),
      hollow: false,
      ...curveStyle(distribution.producers),
    }));
  const svg = await curvesSvg(curves, captions);
  return { svg, png: await rasterise(svg, fontsDir) };
}

/** One of two runs laid over each other. */
export interface ComparedRun {
  /** What the run is called, such as its folder. */
  readonly name: string;
  readonly results: readonly Distribution[];
}

export interface CompareInput extends Captions {
  readonly a: ComparedRun;
  readonly b: ComparedRun;
}

const DASH_OF_B = [5, 3];

/**
 * Two runs on one graph: A solid with filled marks, B dashed with hollow ones, each producer count in its colour.
 *
 * @param fontsDir a folder for the fonts' configuration and index, made if need be
 */
export async function compareFigure({ a, b, ...captions }: CompareInput, fontsDir: string): Promise<Figure> {
  const curvesOf = (run: ComparedRun, letter: "A" | "B") =>
    run.results
      .toSorted((x, y) => x.producers - y.producers)
      .map((distribution) => ({
        distribution,
        label: `${letter}: ${describe(distribution)}`,
        hollow: letter === "B",
        colour: curveStyle(distribution.producers).colour,
        dash: letter === "B" ? DASH_OF_B : [],
      }));
  const names = `A (solid, filled marks): ${a.name}\nB (dashed, hollow marks): ${b.name}`;
  const subtitle = captions.subtitle ? `${captions.subtitle}\n${names}` : names;
  const svg = await curvesSvg([...curvesOf(a, "A"), ...curvesOf(b, "B")], { ...captions, subtitle });
  return { svg, png: await rasterise(svg, fontsDir) };
}
