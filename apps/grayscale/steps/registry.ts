import { edges } from "./edges.ts";
import { grayscale } from "./grayscale.ts";
import type { Step } from "./step.ts";

/** All steps by name, which is the value of STEP; a new one is added here. */
export const steps = { grayscale, edges } as const satisfies Readonly<Record<string, Step>>;

export type StepName = keyof typeof steps;
export const stepNames = Object.keys(steps) as StepName[];
