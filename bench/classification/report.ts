import { renderTable } from "../../lib/table.ts";
import { quantile } from "../../scripts/latency/statistics/quantile.ts";
import { appMs, type Split } from "../common/split.ts";
import { verdict } from "../common/verdict.ts";
import type { Fate } from "./system.ts";

/** One measured window. */
export interface Window {
  readonly system: string;
  /** Images a second of each producer. */
  readonly rate: number;
  readonly round: number;
  readonly seconds: number;
  /** Of the images due in it. */
  readonly fates: readonly Fate[];
  readonly split: Split;
}

/** All windows of one system at one rate. */
export interface Summary {
  readonly system: string;
  readonly rate: number;
  readonly images: number;
  readonly lost: number;
  /** ms; Infinity where so many images never arrived. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Processor time for an image by part, ms. */
  readonly parts: ReadonlyMap<string, number>;
  /** All parts but the brokers and what is not of the pipeline, ms. */
  readonly perImage: number;
}

/** What a goal allows, as a ratio to the peer on confluent-kafka. */
export const goals = { latency: 0.5, perImage: 0.5, most: 2 } as const;

export function summarise(windows: readonly Window[]): Summary[] {
  const groups = Map.groupBy(windows, ({ system, rate }) => `${system} ${rate}`);
  return [...groups.values()].map((group) => {
    const [{ system, rate }] = group as [Window];
    const fates = group.flatMap((window) => window.fates);
    const sorted = Float64Array.from(fates, ({ latencyMs }) => latencyMs).sort();
    const parts = new Map<string, number>();
    for (const { split } of group) {
      for (const [part, ms] of split) parts.set(part, (parts.get(part) ?? 0) + ms / fates.length);
    }
    return {
      system,
      rate,
      images: fates.length,
      lost: fates.filter(({ latencyMs }) => !Number.isFinite(latencyMs)).length,
      p50: quantile(sorted, 0.5),
      p95: quantile(sorted, 0.95),
      p99: quantile(sorted, 0.99),
      parts,
      perImage: appMs(parts),
    };
  });
}

/** Lines for people: latencies, processor time by part, and each goal's ratio beside the goal. */
export function report(summaries: readonly Summary[], producers: number): string {
  const latencies = renderTable(
    [
      "load",
      "pipeline",
      "images",
      "lost",
      "p50 ms",
      "p95 ms",
      "p99 ms",
      "CPU ms an image",
      "brokers' besides",
    ],
    summaries.map((each) => [
      `${producers} × ${each.rate}/s`,
      each.system,
      String(each.images),
      String(each.lost),
      ...[each.p50, each.p95, each.p99, each.perImage, each.parts.get("brokers") ?? 0].map(figure),
    ]),
  );
  const rates = [...new Set(summaries.map(({ rate }) => rate))];
  return [
    latencies,
    ...rates.map((rate) => splitTable(summaries, rate)),
    ratioLines(summaries, producers),
  ].join("\n\n");
}

function splitTable(summaries: readonly Summary[], rate: number): string {
  const at = summaries.filter((each) => each.rate === rate);
  const parts = [...new Set(at.flatMap(({ parts }) => [...parts.keys()]))].sort();
  return renderTable(
    [`CPU ms an image, ${rate}/s each`, ...at.map(({ system }) => system)],
    parts.map((part) => [part, ...at.map((each) => figure(each.parts.get(part) ?? 0))]),
  );
}

/** Edgelab beside the peer on confluent-kafka, which the goals are about. */
function ratioLines(summaries: readonly Summary[], producers: number): string {
  const lines = summaries
    .filter(({ system }) => system === "edgelab")
    .flatMap((own) => {
      const peer = summaries.find(({ system, rate }) => system.includes("confluent") && rate === own.rate);
      if (peer === undefined) return [];
      const load = `${producers} × ${own.rate}/s`;
      return [
        ratioLine(`${load}, p50`, own.p50 / peer.p50, goals.latency),
        ratioLine(`${load}, p95`, own.p95 / peer.p95, goals.latency),
        ratioLine(`${load}, p99`, own.p99 / peer.p99, goals.latency),
        ratioLine(`${load}, processor time an image`, own.perImage / peer.perImage, goals.perImage),
      ];
    });
  return ["edgelab ÷ Python with confluent-kafka:", ...lines].join("\n");
}

/** A ratio that should not exceed its goal. */
export function ratioLine(what: string, ratio: number, goal: number): string {
  return `  ${what}: ${ratio.toFixed(2)} (goal: at most ${goal}) ${verdict(ratio <= goal)}`;
}

/** How far the greatest rate of either goes. */
export function mostLine(own: number, peer: number): string {
  const ratio = own / peer;
  return (
    `images/s carried: edgelab ${own}, Python with confluent-kafka ${peer}: ${ratio.toFixed(2)} × ` +
    `(goal: at least ${goals.most}) ${verdict(ratio >= goals.most)}`
  );
}

function figure(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(3) : "never";
}
