/** The steps of a logarithmic axis: 1, 2 and 5 times the powers of ten. */
const STEPS = [1, 2, 5] as const;

/** More decades than this leave no room for labels at 2 and 5. */
const MOST_LABELLED_DECADES = 3.3;

/** A logarithmic axis of latency. */
export interface LogAxis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  /** The ticks that have a label. */
  readonly labelled: readonly number[];
}

/** The axis from the last 1-2-5 step not above the least latency to the first one not below the greatest, in ms. */
export function logAxis(latencies: readonly number[]): LogAxis {
  const finite = latencies.filter((latency) => latency > 0 && Number.isFinite(latency));
  const [least, greatest] = finite.length === 0 ? [1, 1000] : [Math.min(...finite), Math.max(...finite)];
  const exponents = { from: Math.floor(Math.log10(least)) - 1, to: Math.ceil(Math.log10(greatest)) + 1 };
  const steps = Array.from({ length: exponents.to - exponents.from + 1 }, (_, i) =>
    STEPS.map((step) => Number(`${step}e${exponents.from + i}`)),
  ).flat();
  const low = steps.findLast((step) => step <= least) ?? least;
  const high = steps.find((step) => step >= greatest && step > low) ?? greatest;
  const ticks = steps.filter((step) => step >= low && step <= high);
  const decades = Math.log10(high / low);
  const isPowerOfTen = (step: number) => String(step).replaceAll(/[0.]/g, "") === "1";
  return {
    low,
    high,
    ticks,
    labelled: decades <= MOST_LABELLED_DECADES ? ticks : ticks.filter(isPowerOfTen),
  };
}

/** A latency with its unit, such as "0.5 ms", "20 ms" or "5 s". */
export function latencyLabel(latencyMs: number): string {
  return latencyMs < 1000 ? `${latencyMs} ms` : `${latencyMs / 1000} s`;
}
