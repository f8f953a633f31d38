import type { Stage } from "../../apps/classification/classifier/stages.ts";
import type { Sample } from "../../apps/classification/producer/matcher.ts";

/** The stages of an image's way, in order. */
export const stageNames = [
  "waits at the producer",
  "image to Kafka",
  "waits for a classifier",
  "decoding, batching",
  "inference",
  "result to Kafka",
  "result to producer",
] as const;
export type StageName = (typeof stageNames)[number];

/** Mean time of each stage, ms; they add up to the mean end-to-end latency of the images they are of. */
export interface StageMeans {
  /** Images whose stages are known. */
  readonly n: number;
  readonly meanMs: Readonly<Record<StageName, number>>;
  /** Images of which a stage would have been below 0 by the clocks, and is 0 here. */
  readonly clamped: number;
}

/**
 * What a classifier saw of an image, by the clock of the image's producer.
 * @param aheadUs how far the classifier's clock is ahead of it; 0 where they share one
 */
export function onProducersClock(stage: Stage, aheadUs: number): Stage {
  return {
    ...stage,
    pickedUs: stage.pickedUs - aheadUs,
    classifiedUs: stage.classifiedUs - aheadUs,
    resultAckedUs: stage.resultAckedUs - aheadUs,
  };
}

/**
 * Where the time of one image went, ms, in the order of {@link stageNames}; the stages add up to its end-to-end latency
 * exactly.
 *
 * An acknowledgement is not on an image's way: the classifier may read the image before its producer has heard that
 * Kafka has it. Each point in time is therefore taken as no later than the next one.
 *
 * @param stage by the producer's clock, see {@link onProducersClock}
 * @returns undefined for an image without a result
 */
export function stagesOf(sample: Sample, stage: Stage): number[] | undefined {
  const { scheduledUs, sentUs, ackedUs, receivedUs } = sample;
  if (sentUs === null || receivedUs === null) return undefined;
  const { pickedUs, classifiedUs } = stage;
  const points = [
    scheduledUs,
    sentUs,
    ackedUs ?? pickedUs,
    pickedUs,
    classifiedUs - stage.inferenceMs * 1000,
    classifiedUs,
    stage.resultAckedUs,
    receivedUs,
  ];
  // From the end, so that each is at most its successor; then from the start, so that none is before the schedule.
  for (let i = points.length - 2; i >= 0; i -= 1) points[i] = Math.min(points[i] ?? 0, points[i + 1] ?? 0);
  const ordered = points.map((point) => Math.max(point, scheduledUs));
  return ordered.slice(1).map((point, i) => (point - (ordered[i] ?? 0)) / 1000);
}

/**
 * Whether the clocks contradict an image's way: taken up before it was sent, or answered after its answer was read. Its
 * stages are then put in order, at the cost of those beside. (That an acknowledgement comes late is no contradiction.)
 *
 * @param stage by the producer's clock, see {@link onProducersClock}
 */
export function isClamped({ sentUs, receivedUs }: Sample, { pickedUs, classifiedUs }: Stage): boolean {
  return (sentUs !== null && pickedUs < sentUs) || (receivedUs !== null && classifiedUs > receivedUs);
}

/** Mean stages over images; undefined when none has known stages. @param clamped how many of them {@link isClamped} */
export function meanStages(all: readonly (readonly number[])[], clamped = 0): StageMeans | undefined {
  if (all.length === 0) return undefined;
  const mean = (i: number) => all.reduce((sum, stages) => sum + (stages[i] ?? 0), 0) / all.length;
  const entries = stageNames.map((name, i): [StageName, number] => [name, mean(i)]);
  return { n: all.length, clamped, meanMs: Object.fromEntries(entries) as Record<StageName, number> };
}
