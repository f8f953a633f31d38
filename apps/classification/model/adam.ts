/** Decay of the running means of the gradient and of its square, and what keeps the quotient finite. */
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Adam's memory for one tensor. */
export interface AdamState {
  readonly mean: Float32Array;
  readonly square: Float32Array;
}

/** Fresh memory for a tensor of `size` values. */
export const adamState = (size: number): AdamState => ({
  mean: new Float32Array(size),
  square: new Float32Array(size),
});

/**
 * One step of Adam (D. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1),
 * changing `weights` and `state` in place.
 *
 * @param step number of this step, from 1
 */
export function adamStep(
  weights: Float32Array,
  gradient: Float32Array,
  state: AdamState,
  step: number,
  rate: number,
): void {
  const { mean, square } = state;
  const corrected = (rate * Math.sqrt(1 - BETA2 ** step)) / (1 - BETA1 ** step);
  for (let i = 0; i < weights.length; i += 1) {
    const g = gradient[i] ?? 0;
    const m = BETA1 * (mean[i] ?? 0) + (1 - BETA1) * g;
    const v = BETA2 * (square[i] ?? 0) + (1 - BETA2) * g * g;
    mean[i] = m;
    square[i] = v;
    weights[i] = (weights[i] ?? 0) - (corrected * m) / (Math.sqrt(v) + EPSILON);
  }
}
