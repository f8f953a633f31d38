import type { Colour } from "./draw.ts";
import { type Shape, shapes } from "./shapes.ts";

/** The ten colours by name, in the order of their class numbers, and whether they count as warm or cool. */
const colours: readonly { name: string; family: "warm" | "cool"; colour: Colour }[] = [
  { name: "red", family: "warm", colour: [215, 35, 35] },
  { name: "orange", family: "warm", colour: [245, 135, 20] },
  { name: "yellow", family: "warm", colour: [240, 225, 40] },
  { name: "brown", family: "warm", colour: [112, 66, 28] },
  { name: "pink", family: "warm", colour: [250, 140, 190] },
  { name: "green", family: "cool", colour: [40, 165, 55] },
  { name: "cyan", family: "cool", colour: [45, 210, 220] },
  { name: "blue", family: "cool", colour: [40, 70, 215] },
  { name: "purple", family: "cool", colour: [140, 50, 185] },
  { name: "white", family: "cool", colour: [245, 245, 245] },
];

/** What a class looks like and is called. */
export interface ImageClass {
  /** Fine label name, such as `red_arrow`. */
  readonly name: string;
  /** Number of the coarse label in {@link coarseNames}. */
  readonly coarse: number;
  readonly shape: Shape;
  readonly colour: Colour;
}

/** Names of the 20 coarse labels: every shape in warm and in cool colours. */
export const coarseNames: readonly string[] = [...shapes.keys()].flatMap((shape) => [
  `warm_${shape}`,
  `cool_${shape}`,
]);

/** The 100 classes in the order of their fine labels: ten shapes in ten colours. */
export const classes: readonly ImageClass[] = [...shapes].flatMap(([shapeName, shape]) =>
  colours.map(({ name, family, colour }) => ({
    name: `${name}_${shapeName}`,
    coarse: coarseNames.indexOf(`${family}_${shapeName}`),
    shape,
    colour,
  })),
);
