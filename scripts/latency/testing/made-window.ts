import { type Outcome, type Sample, withoutResult } from "../../../apps/classification/producer/matcher.ts";
import type { WindowRecord } from "../windows.ts";

/** An image of a made-up window, due `atMs` after its start; with a latency it was received, else it was lost. */
export interface MadeImage {
  readonly atMs: number;
  readonly latencyMs?: number;
  readonly outcome?: Outcome;
}

const startUs = 1_700_000_000_000_000;

/** A window of one producer with these images, for tests of what is made of windows. */
export function madeWindow(
  images: readonly MadeImage[],
  changes: Partial<WindowRecord> & { readonly perSecond?: number } = {},
): WindowRecord {
  const { perSecond = 10, seconds = 10, ...rest } = changes;
  const samples = images.map(toSample);
  const settings = { perSecond, arrivals: "fixed", seed: 1, devices: 8, resultTimeoutMs: 10_000 } as const;
  return {
    producerCount: 1,
    repeat: 1,
    startedAt: new Date(startUs / 1000),
    seconds,
    warmUp: { seconds: 9, settling: undefined },
    drainSeconds: 0.5,
    producers: [
      {
        producer: "producer-1",
        settings,
        interval: { startUs, endUs: startUs + seconds * 1e6 },
        images: samples,
        received: samples.filter(({ outcome }) => outcome === "received").length,
      },
    ],
    stages: new Map(),
    models: ["m"],
    lag: [],
    use: [],
    eventLoops: [],
    clocks: [],
    ...rest,
  };
}

function toSample({ atMs, latencyMs, outcome }: MadeImage, seq: number): Sample {
  const scheduledUs = startUs + atMs * 1000;
  const sample = withoutResult({ id: `producer-1.x.${seq}`, seq, device: 0, scheduledUs }, outcome ?? "lost");
  if (latencyMs === undefined) return sample;
  const receivedUs = scheduledUs + latencyMs * 1000;
  return {
    ...sample,
    outcome: outcome ?? "received",
    sentUs: scheduledUs,
    receivedUs,
    bytes: 2500,
    resultBytes: 500,
  };
}

/** Images at equal intervals, all with the same latency. */
export function steady(count: number, everyMs: number, latencyMs: number): MadeImage[] {
  return Array.from({ length: count }, (_, i) => ({ atMs: i * everyMs, latencyMs }));
}
