import { renderTable } from "../../lib/table.ts";
import { quantile } from "../../scripts/latency/statistics/quantile.ts";
import { verdict } from "../common/verdict.ts";

/** Over what an image comes and its result goes. */
export const sides = ["HTTP", "Kafka"] as const;
export type Side = (typeof sides)[number];

/** One measured window. */
export interface Measured {
  readonly system: "edgelab" | "Python";
  readonly side: Side;
  /** Images under way at once. */
  readonly concurrency: number;
  readonly perSecond: number;
  readonly latenciesMs: readonly number[];
}

/** All windows of one system, side and number of images under way. */
export interface Summary extends Omit<Measured, "latenciesMs"> {
  readonly images: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** Edgelab's images a second ÷ the peer's, at least. */
const goal = 1;

export function summarise(windows: readonly Measured[]): Summary[] {
  const groups = Map.groupBy(windows, ({ system, side, concurrency }) => `${side} ${concurrency} ${system}`);
  return [...groups.values()].map((group) => {
    const [{ system, side, concurrency }] = group as [Measured];
    const sorted = Float64Array.from(group.flatMap(({ latenciesMs }) => latenciesMs)).sort();
    return {
      system,
      side,
      concurrency,
      images: sorted.length,
      perSecond: group.reduce((sum, { perSecond }) => sum + perSecond, 0) / group.length,
      p50Ms: quantile(sorted, 0.5),
      p95Ms: quantile(sorted, 0.95),
    };
  });
}

/** Lines for people: what each reached, and the ratio to the peer beside the goal. */
export function report(summaries: readonly Summary[]): string {
  const rows = summaries.map((each) => [
    each.side,
    String(each.concurrency),
    each.system,
    String(each.images),
    each.perSecond.toFixed(2),
    each.p50Ms.toFixed(0),
    each.p95Ms.toFixed(0),
  ]);
  const table = renderTable(
    ["side", "under way", "classifier", "images", "images/s", "p50 ms", "p95 ms"],
    rows,
  );
  return [table, "edgelab ÷ Python:", ...ratios(summaries)].join("\n");
}

function ratios(summaries: readonly Summary[]): string[] {
  return summaries
    .filter(({ system }) => system === "edgelab")
    .flatMap((own) => {
      const peer = summaries.find(
        ({ system, side, concurrency }) =>
          system === "Python" && side === own.side && concurrency === own.concurrency,
      );
      if (peer === undefined) return [];
      const ratio = own.perSecond / peer.perSecond;
      return [
        `  ${own.side}, ${own.concurrency} under way: ${ratio.toFixed(2)} × the images/s ` +
          `(goal: at least ${goal}) ${verdict(ratio >= goal)}, ${(own.p95Ms / peer.p95Ms).toFixed(2)} × the p95`,
      ];
    });
}
