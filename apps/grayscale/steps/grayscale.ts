import { grayJpeg } from "./picture.ts";
import type { Step } from "./step.ts";

/** Takes the colour out of a frame and leaves its luma. */
export const grayscale: Step = { name: "grayscale", process: (jpeg) => grayJpeg(jpeg) };
