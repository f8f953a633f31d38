import { quantile } from "../../scripts/latency/statistics/quantile.ts";
import type { CandidateName } from "./candidate.ts";
import { type Answer, workloads } from "./workload.ts";

/** What one client did with one workload in one round. */
export interface Trial {
  readonly candidate: CandidateName;
  readonly workload: string;
  readonly sent: number;
  readonly received: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly mbPerSecond: number;
  /** Producer and consumer together. */
  readonly cpuMsPerMessage: number;
}

export function trialOf(
  candidate: CandidateName,
  workload: string,
  produced: Extract<Answer, { kind: "produced" }>,
  consumed: Extract<Answer, { kind: "consumed" }>,
): Trial {
  const sorted = Float64Array.from(consumed.latenciesMs).sort();
  const bytes = workloads.find(({ name }) => name === workload)?.bytes ?? 0;
  return {
    candidate,
    workload,
    sent: produced.messages,
    received: sorted.length,
    p50Ms: quantile(sorted, 0.5),
    p95Ms: quantile(sorted, 0.95),
    p99Ms: quantile(sorted, 0.99),
    mbPerSecond: (produced.messages * bytes) / produced.seconds / 1e6,
    cpuMsPerMessage: (produced.cpuMs + consumed.cpuMs) / produced.messages,
  };
}

type Figure = "p50Ms" | "p95Ms" | "p99Ms" | "mbPerSecond" | "cpuMsPerMessage";

/** Medians over the rounds, beside their ratio to kafkajs's in the same run, as a Markdown table. */
export function markdown(trials: readonly Trial[]): string {
  const rows = workloads.flatMap(({ name }) => {
    const ofWorkload = trials.filter(({ workload }) => workload === name);
    const base = ofWorkload.filter(({ candidate }) => candidate === "kafkajs");
    return [...Map.groupBy(ofWorkload, ({ candidate }) => candidate)].map(([candidate, own]) => {
      const figure = (which: Figure) => {
        const value = middle(own, which);
        return `${Number(value.toPrecision(3))} (${(value / middle(base, which)).toFixed(2)})`;
      };
      const figures: Figure[] = ["p50Ms", "p95Ms", "p99Ms", "mbPerSecond", "cpuMsPerMessage"];
      const total = (which: "sent" | "received") => own.reduce((sum, trial) => sum + trial[which], 0);
      const read = `${total("received")} of ${total("sent")}`;
      return `| ${[name, candidate, ...figures.map(figure), read].join(" | ")} |`;
    });
  });
  return [
    "| workload | client | p50 ms | p95 ms | p99 ms | MB/s | CPU ms a message | read |",
    "|---|---|---|---|---|---|---|---|",
    ...rows,
    "",
    "Medians over the rounds; in brackets: the ratio to kafkajs in the same run. acks=all, from sending to reading.",
  ].join("\n");
}

function middle(trials: readonly Trial[], which: Figure): number {
  const values = trials.map((trial) => trial[which]).sort((a, b) => a - b);
  return values.length === 0 ? Number.NaN : quantile(values, 0.5);
}
