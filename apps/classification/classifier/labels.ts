/** A class and the probability that the model gives it, 0 to 1. */
export interface Score {
  readonly label: string;
  readonly score: number;
}

/** Probabilities of logits; the greatest is taken off first so that no exponential overflows. */
export function softmax(logits: Float32Array): Float32Array {
  const greatest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = logits.map((value) => Math.exp(value - greatest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((value) => value / sum);
}

/** The `count` likeliest classes, the likeliest first; equals keep the order of the classes. */
export function topScores(probabilities: Float32Array, labels: readonly string[], count: number): Score[] {
  const best: number[] = [];
  for (let i = 0; i < probabilities.length; i += 1) {
    const score = probabilities[i] as number;
    if (best.length === count && score <= (probabilities[best[count - 1] as number] as number)) continue;
    const place = best.findLastIndex((other) => (probabilities[other] as number) >= score) + 1;
    best.splice(place, 0, i);
    if (best.length > count) best.pop();
  }
  return best.map((i) => ({ label: labels[i] ?? String(i), score: probabilities[i] as number }));
}
