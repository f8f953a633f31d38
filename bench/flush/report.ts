import { renderTable } from "../../lib/table.ts";
import { quantile } from "../../scripts/latency/statistics/quantile.ts";

/** What was measured with one value of `kafka.flush`. */
export interface Trial {
  readonly flush: string;
  /** From sending to the acknowledgement, ms, of messages at the steady rate. */
  readonly latenciesMs: readonly number[];
  /** Acknowledged messages a second when as many are sent as are taken. */
  readonly perSecond: number;
}

/** A row for each value, with ratios to the first one in brackets. */
export function report([first, ...others]: readonly [Trial, ...Trial[]]): string {
  const rows = [first, ...others].map((trial) => [
    trial.flush,
    beside(at(trial, 0.5), at(first, 0.5)),
    beside(at(trial, 0.99), at(first, 0.99)),
    beside(trial.perSecond, first.perSecond),
  ]);
  return renderTable(["kafka.flush", "p50 ms", "p99 ms", "messages a second, flat out"], rows);
}

function at({ latenciesMs }: Trial, p: number): number {
  return quantile(
    latenciesMs.toSorted((a, b) => a - b),
    p,
  );
}

function beside(value: number, first: number): string {
  return `${Number(value.toPrecision(3))} (${(value / first).toFixed(2)})`;
}
