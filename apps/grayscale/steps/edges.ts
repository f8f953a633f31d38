import { grayJpeg } from "./picture.ts";
import type { Step } from "./step.ts";

/** The Laplacian over 8 neighbours: 0 on even ground, large where the brightness turns. */
const laplacian = { width: 3, height: 3, kernel: [-1, -1, -1, -1, 8, -1, -1, -1, -1], scale: 1 };
/** Standard deviation of the smoothing, in pixels; without it noise is edges too. */
const sigma = 1;

/** Shows edges bright on black: the Laplacian of a Gaussian (D. Marr and E. Hildreth, "Theory of edge detection", 1980). */
export const edges: Step = {
  name: "edges",
  process: (jpeg) => grayJpeg(jpeg, (gray) => gray.blur(sigma).convolve(laplacian)),
};
