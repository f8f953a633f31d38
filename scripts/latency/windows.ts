import type { Sample } from "../../apps/classification/producer/matcher.ts";
import type { Measured, ProducerWindow } from "./measure.ts";
import { isClamped, meanStages, type StageMeans, stagesOf } from "./stages.ts";
import type { Series, Window } from "./statistics/series.ts";
import { type Growth, growing } from "./statistics/slope.ts";

/** A measured window and what it was measured at. */
export interface WindowRecord extends Measured {
  readonly producerCount: number;
  /** From 1. */
  readonly repeat: number;
}

/** Blocks should be longer than what goes on within the pipeline, and enough to be drawn from. */
const secondsPerBlock = 3;
const fewestBlocks = 5;
const mostBlocks = 20;
/** Below this part of the rate asked, the results do not keep up. */
const keepsUp = 0.95;
/** Lag that grows by less than this many seconds' worth of images in a window may be a passing stall. */
const lagSeconds = 1;

/** Into how many time blocks a window is cut. */
export function blocksIn(seconds: number): number {
  return Math.min(mostBlocks, Math.max(fewestBlocks, Math.floor(seconds / secondsPerBlock)));
}

/** The time block of an image that was due at this time, from 0. */
export function blockOf(
  scheduledUs: number,
  { interval: { startUs, endUs } }: ProducerWindow,
  blocks: number,
): number {
  return Math.min(blocks - 1, Math.floor(((scheduledUs - startUs) / (endUs - startUs)) * blocks));
}

/** End-to-end latency, ms: from when the image was due to when its result was read; Infinity if it was not in time. */
export function latencyMs({ outcome, receivedUs, scheduledUs }: Sample): number {
  return outcome === "received" && receivedUs !== null
    ? (receivedUs - scheduledUs) / 1000
    : Number.POSITIVE_INFINITY;
}

/** A window as the statistics see it. */
export function toWindow(record: Measured): Window {
  const blocks = blocksIn(record.seconds);
  const observations = record.producers.flatMap((producer) =>
    producer.images.map((image) => ({
      latencyMs: latencyMs(image),
      block: blockOf(image.scheduledUs, producer, blocks),
    })),
  );
  return { observations, blocks };
}

/** Whether the pipeline kept up in a window, and how it shows if not. */
export interface Load {
  /** What the producers were told to send, all together. */
  readonly askedPerSecond: number;
  /** Images that were due in the window, by a second. */
  readonly offeredPerSecond: number;
  /** Results that were read in the window, by a second. */
  readonly reachedPerSecond: number;
  readonly lag: Growth;
  readonly overloaded: boolean;
  /** In words, one for each sign of overload. */
  readonly signs: readonly string[];
}

/** Compares what was asked of the pipeline with what it did. */
export function loadOf(record: Measured): Load {
  const { producers, seconds } = record;
  const askedPerSecond = producers.reduce((sum, { settings }) => sum + settings.perSecond, 0);
  const images = producers.reduce((sum, one) => sum + one.images.length, 0);
  const reachedPerSecond = producers.reduce((sum, { received }) => sum + received, 0) / seconds;
  const offeredPerSecond = images / seconds;
  const lag = growing(record.lag[0]?.points ?? [], lagSeconds * askedPerSecond);
  const skipped = producers.reduce((sum, one) => sum + one.images.filter(isSkipped).length, 0);
  const signs = [
    reachedPerSecond < keepsUp * offeredPerSecond
      ? `${perSecond(reachedPerSecond)} results came back of ${perSecond(offeredPerSecond)} images offered`
      : "",
    lag.growing
      ? `the classifiers' lag grew by ${Math.round(lag.messages)} messages, ${perSecond(lag.messagesPerSecond)}`
      : "",
    skipped > 0 ? `${skipped} images were so late that they were not sent` : "",
  ].filter((sign) => sign !== "");
  return { askedPerSecond, offeredPerSecond, reachedPerSecond, lag, overloaded: signs.length > 0, signs };
}

const isSkipped = ({ outcome }: Sample): boolean => outcome === "skipped";
const perSecond = (value: number): string => `${value.toFixed(1)}/s`;

/** The windows of each producer count, ascending. */
export function byCount(records: readonly WindowRecord[]): Map<number, WindowRecord[]> {
  const groups = Map.groupBy(records, ({ producerCount }) => producerCount);
  return new Map([...groups].sort(([a], [b]) => a - b));
}

/** One series for each producer count, ascending. */
export function toSeries(records: readonly WindowRecord[]): Series[] {
  return [...byCount(records)].map(([producers, windows]) => ({
    producers,
    windows: windows.map(toWindow),
    overloaded: windows.some((window) => loadOf(window).overloaded),
  }));
}

/** Mean stages of all images of these windows whose stages are known. */
export function stageMeansOf(records: readonly WindowRecord[]): StageMeans | undefined {
  const all = records.flatMap(({ producers, stages }) =>
    producers.flatMap(({ images }) =>
      images.flatMap((image) => {
        const stage = image.id === null ? undefined : stages.get(image.id);
        if (stage === undefined || image.outcome !== "received") return [];
        const known = stagesOf(image, stage);
        return known === undefined ? [] : [{ known, clamped: isClamped(image, stage) }];
      }),
    ),
  );
  const clamped = all.filter((each) => each.clamped).length;
  return meanStages(
    all.map(({ known }) => known),
    clamped,
  );
}
