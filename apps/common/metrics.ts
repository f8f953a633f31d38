import { Counter, Gauge, Histogram, type Metric, Registry } from "prom-client";
import { addProcessMetrics } from "./process-metrics.ts";

export type { Counter, Gauge, Histogram } from "prom-client";

/**
 * Metrics of one app. Asking twice for a metric of the same name gives the same metric, so that two consumers in one
 * process share theirs and tell each other apart by labels.
 */
export interface Metrics {
  readonly registry: Registry;
  counter<const L extends string = never>(name: string, help: string, labels?: readonly L[]): Counter<L>;
  /** @param collect sets the gauge's value whenever the metrics are read */
  gauge<const L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
    collect?: (gauge: Gauge<L>) => void | Promise<void>,
  ): Gauge<L>;
  /** @param buckets upper bounds, ascending */
  histogram<const L extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labels?: readonly L[],
  ): Histogram<L>;
}

/** Bucket bounds in seconds from 1 ms to 60 s, for latencies. */
export const latencyBuckets: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

/** Bucket bounds for counts of messages in a batch. */
export const batchBuckets: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/** A fresh registry with the metrics of the process in it: processor time, memory, event loop. */
export function createMetrics(app: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ app });
  addProcessMetrics(registry);
  const registers = [registry];
  const known = <M extends Metric>(name: string, make: () => M): M => {
    const found = registry.getSingleMetric(name);
    // The registry keeps metrics under their names alone; one name is never declared with two types.
    return found === undefined ? make() : (found as unknown as M);
  };
  return {
    registry,
    counter: (name, help, labels = []) =>
      known(name, () => new Counter({ name, help, labelNames: [...labels], registers })),
    gauge: (name, help, labels = [], collect) =>
      known(name, () => {
        const gauge: Gauge<never> = new Gauge({
          name,
          help,
          labelNames: [...labels],
          registers,
          ...(collect === undefined ? {} : { collect: () => collect(gauge as never) }),
        }) as never;
        return gauge as never;
      }),
    histogram: (name, help, buckets, labels = []) =>
      known(
        name,
        () => new Histogram({ name, help, buckets: [...buckets], labelNames: [...labels], registers }),
      ),
  };
}
