import type { EventLoopDelay } from "./event-loop.ts";
import type { MeasureOptions } from "./options.ts";
import type { HostInfo, KafkaFacts, Versions } from "./provenance.ts";
import type { StageMeans } from "./stages.ts";
import type { Distribution } from "./statistics/bootstrap.ts";
import type { ContainerUse } from "./usage.ts";
import { byCount, type Load, latencyMs, loadOf, stageMeansOf, type WindowRecord } from "./windows.ts";

/** A change of the producer count, as the lab was seen to make it. */
export interface Rescale {
  readonly from: number;
  readonly to: number;
  /** From the command to Pulumi's end. */
  readonly upSeconds: number;
  /** Resources touched, by kind, such as `1 create edgelab:index:Service`. */
  readonly touched: readonly string[];
  /** Names of touched resources that are no producers; there should be none. */
  readonly others: readonly string[];
}

/** A percentile in ms: a number, `never` where it lies at images that never arrived, null where the sample is too small. */
export type Value = number | "never" | null;

export interface PercentileSummary {
  readonly p: number;
  readonly ms: Value;
  /** 95 % confidence interval. */
  readonly lowMs: Value;
  readonly highMs: Value;
}

export interface Sizes {
  readonly meanBytes: number;
  readonly minBytes: number;
  readonly maxBytes: number;
}

/** All windows at one producer count. */
export interface CountSummary {
  readonly producers: number;
  readonly windows: number;
  /** Images that were due. */
  readonly n: number;
  readonly received: number;
  /** Images whose result never came, came too late, that could not be sent, that were not sent as it was too late. */
  readonly never: Readonly<Record<"lost" | "late" | "failed" | "skipped", number>>;
  /** Part of the images that never arrived, 0 to 1. */
  readonly loss: number;
  readonly askedPerSecond: number;
  readonly offeredPerSecond: number;
  readonly reachedPerSecond: number;
  readonly overloaded: boolean;
  readonly signs: readonly string[];
  readonly percentiles: readonly PercentileSummary[];
  readonly meanMs: number | null;
  readonly maxMs: Value;
  readonly stages: StageMeans | null;
  readonly image: Sizes | null;
  readonly result: Sizes | null;
}

/** One window. */
export interface WindowSummary {
  readonly producers: number;
  readonly repeat: number;
  readonly startedAt: string;
  readonly warmUpSeconds: number;
  /** Whether successive windows of the warm-up agreed; otherwise it was cut off. */
  readonly settled: boolean;
  readonly drainSeconds: number;
  readonly load: Load;
  readonly settings: WindowRecord["producers"][number]["settings"][];
  readonly lag: readonly {
    group: string;
    topic: string;
    first: number;
    max: number;
    last: number;
    failures: number;
  }[];
  readonly containers: readonly ContainerUse[];
  readonly eventLoops: readonly EventLoopDelay[];
}

/** What `summary.json` holds. */
export interface Summary {
  readonly format: "edgelab-cdf-1";
  readonly startedAt: string;
  readonly endedAt: string;
  /** Why the run ended before it was complete; null if it did not. */
  readonly interrupted: string | null;
  readonly options: MeasureOptions;
  readonly models: readonly string[];
  readonly clocks: string;
  /** The machines of the lab, and what ran where. */
  readonly hosts: readonly {
    readonly name: string;
    readonly address: string;
    readonly roles: readonly string[];
  }[];
  /** The machine that measured. */
  readonly host: HostInfo;
  readonly versions: Versions;
  readonly kafka: KafkaFacts;
  /** The stack config as far as it differs from the defaults. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly counts: readonly CountSummary[];
  readonly windows: readonly WindowSummary[];
  readonly rescales: readonly Rescale[];
}

/** Whether the weights of a model are random, so that its load and latency count and its answers do not. */
export function hasRandomWeights(model: string): boolean {
  return model.includes("random-weights");
}

export function summarise(
  records: readonly WindowRecord[],
  distributions: readonly Distribution[],
  about: Omit<Summary, "format" | "counts" | "windows" | "models">,
): Summary {
  const byProducers = new Map(distributions.map((distribution) => [distribution.producers, distribution]));
  return {
    format: "edgelab-cdf-1",
    ...about,
    models: [...new Set(records.flatMap(({ models }) => models))],
    counts: [...byCount(records)].map(([producers, windows]) =>
      summariseCount(producers, windows, byProducers.get(producers)),
    ),
    windows: records.map(summariseWindow),
  };
}

function summariseCount(
  producers: number,
  records: readonly WindowRecord[],
  distribution: Distribution | undefined,
): CountSummary {
  const images = records.flatMap((record) => record.producers.flatMap((one) => one.images));
  const arrived = images.map(latencyMs).filter(Number.isFinite);
  const count = (outcome: string) => images.filter((image) => image.outcome === outcome).length;
  const loads = records.map(loadOf);
  const mean = (of: (load: Load) => number) => average(loads.map(of)) ?? 0;
  return {
    producers,
    windows: records.length,
    n: images.length,
    received: arrived.length,
    never: { lost: count("lost"), late: count("late"), failed: count("failed"), skipped: count("skipped") },
    loss: images.length === 0 ? 0 : 1 - arrived.length / images.length,
    askedPerSecond: mean((load) => load.askedPerSecond),
    offeredPerSecond: mean((load) => load.offeredPerSecond),
    reachedPerSecond: mean((load) => load.reachedPerSecond),
    overloaded: loads.some(({ overloaded }) => overloaded),
    signs: [...new Set(loads.flatMap(({ signs }) => signs))],
    percentiles: (distribution?.percentiles ?? []).map(({ p, value, low, high, supported }) => ({
      p,
      ms: supported ? toValue(value) : null,
      lowMs: supported ? toValue(low) : null,
      highMs: supported ? toValue(high) : null,
    })),
    meanMs: average(arrived) ?? null,
    maxMs: arrived.length < images.length ? "never" : (largest(arrived) ?? null),
    stages: stageMeansOf(records) ?? null,
    image: sizes(images.map(({ bytes }) => bytes)),
    result: sizes(images.map(({ resultBytes }) => resultBytes)),
  };
}

function summariseWindow(record: WindowRecord): WindowSummary {
  return {
    producers: record.producerCount,
    repeat: record.repeat,
    startedAt: record.startedAt.toISOString(),
    warmUpSeconds: record.warmUp.seconds,
    settled: record.warmUp.settling?.settled ?? false,
    drainSeconds: record.drainSeconds,
    load: loadOf(record),
    settings: record.producers.map(({ settings }) => settings),
    lag: record.lag.map(({ group, topic, points, failures }) => {
      const values = points.map(({ y }) => y);
      return {
        group,
        topic,
        first: values[0] ?? 0,
        max: largest(values) ?? 0,
        last: values.at(-1) ?? 0,
        failures,
      };
    }),
    containers: record.use,
    eventLoops: record.eventLoops,
  };
}

function toValue(ms: number): Value {
  return Number.isFinite(ms) ? ms : "never";
}

function sizes(all: readonly (number | null)[]): Sizes | null {
  const known = all.filter((bytes) => bytes !== null);
  const meanBytes = average(known);
  const maxBytes = largest(known);
  if (meanBytes === undefined || maxBytes === undefined) return null;
  return { meanBytes, minBytes: known.reduce((least, bytes) => Math.min(least, bytes)), maxBytes };
}

function average(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Math.max takes no more arguments than the stack holds. */
function largest(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((most, value) => Math.max(most, value));
}
