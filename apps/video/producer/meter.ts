import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { Metrics } from "../../common/metrics.ts";
import type { CaptureEvent } from "./capture.ts";
import { type CountName, cameraMeters, countHelp } from "./meters.ts";

/** Size of a camera's frames against its limit. */
export const sizeLevels = ["green", "yellow", "red"] as const;
export type SizeLevel = (typeof sizeLevels)[number];

/** From this part of the limit on frames are yellow. */
const yellowFrom = 0.9;

/** The metrics line of one camera over one interval; counts are of the interval, save those under `totals`. */
export interface CameraReport {
  readonly camera: string;
  /** Null for a file, which is not thinned. */
  readonly fpsAsked: number | null;
  readonly fpsReached: number;
  /** Of the frames as they were captured, KB of 1024 bytes; null without frames. */
  readonly kbMean: number | null;
  readonly kbP95: number | null;
  readonly sizeLevel: SizeLevel | null;
  /** From handing a frame to Kafka to its acknowledgement, ms; null without frames. */
  readonly sendP50Ms: number | null;
  readonly sendP99Ms: number | null;
  readonly counts: Readonly<Record<CountName, number>>;
  readonly totals: Readonly<Record<CountName, number>>;
}

/** @param bytes of a frame; @param maxBytes its limit */
export function sizeLevel(bytes: number, maxBytes: number): SizeLevel {
  if (bytes > maxBytes) return "red";
  return bytes > yellowFrom * maxBytes ? "yellow" : "green";
}

/** Counts and measures what becomes of one camera's frames. */
export class CameraMeter {
  readonly camera: string;
  readonly #maxBytes: number;
  readonly #meters: ReturnType<typeof cameraMeters>;
  readonly #totals = zeroCounts();
  readonly #sizes = createHistogram();
  /** µs. */
  readonly #sends = createHistogram();
  #before = zeroCounts();
  #sinceMs: number;

  constructor(camera: string, maxBytes: number, metrics: Metrics, nowMs = performance.now()) {
    this.camera = camera;
    this.#maxBytes = maxBytes;
    this.#meters = cameraMeters(metrics, camera);
    this.#sinceMs = nowMs;
  }

  get totals(): Readonly<Record<CountName, number>> {
    return { ...this.#totals };
  }

  count(name: CountName, by = 1): void {
    if (by === 0) return;
    this.#totals[name] += by;
    this.#meters.counts[name].inc(by);
  }

  /** Counts what happened to the source. */
  event(event: CaptureEvent): void {
    this.#meters.events.inc({ camera: this.camera, event });
  }

  /** Counts a frame that the source delivered. */
  captured(bytes: number): void {
    this.count("captured");
    this.#sizes.record(Math.max(1, bytes));
  }

  /** Counts a frame that is handed to Kafka. */
  handed(bytes: number, shrunk: boolean): void {
    this.count(shrunk ? "shrunk" : "passed_through");
    this.#meters.bytes.observe(bytes);
  }

  /** Counts a frame that Kafka has. */
  acknowledged(sendMs: number, sinceCaptureMs: number): void {
    this.count("sent");
    this.#sends.record(Math.max(1, Math.round(sendMs * 1000)));
    this.#meters.acknowledged.observe(sinceCaptureMs / 1000);
  }

  /** Sets the gauges of how things stand. */
  stands({ fpsAsked, queued }: { fpsAsked: number | null; queued: number }): void {
    if (fpsAsked !== null) this.#meters.fpsAsked.set(fpsAsked);
    this.#meters.queued.set(queued);
  }

  /** Sums up the interval since the last report and begins another. */
  report(fpsAsked: number | null, nowMs = performance.now()): CameraReport {
    const counts = difference(this.#totals, this.#before);
    const seconds = Math.max(1e-3, (nowMs - this.#sinceMs) / 1000);
    const p95 = percentile(this.#sizes, 95);
    const level = p95 === null ? null : sizeLevel(p95, this.#maxBytes);
    const report: CameraReport = {
      camera: this.camera,
      fpsAsked: fpsAsked === null ? null : round(fpsAsked, 1),
      fpsReached: round(counts.sent / seconds, 1),
      kbMean: this.#sizes.count === 0 ? null : round(this.#sizes.mean / 1024, 1),
      kbP95: p95 === null ? null : round(p95 / 1024, 1),
      sizeLevel: level,
      sendP50Ms: milliseconds(percentile(this.#sends, 50)),
      sendP99Ms: milliseconds(percentile(this.#sends, 99)),
      counts,
      totals: this.totals,
    };
    this.#meters.fpsReached.set(report.fpsReached);
    if (level !== null) this.#meters.sizeLevel.set(sizeLevels.indexOf(level));
    this.#before = { ...this.#totals };
    this.#sinceMs = nowMs;
    this.#sizes.reset();
    this.#sends.reset();
    return report;
  }
}

const colours: Readonly<Record<SizeLevel, string>> = { green: "32", yellow: "33", red: "31" };

/** A report as one coloured line for a terminal. */
export function terminalLine(report: CameraReport): string {
  const { camera, fpsAsked, fpsReached, kbMean, kbP95, sendP50Ms, sendP99Ms, counts } = report;
  const asked = fpsAsked === null ? "" : `/${fpsAsked}`;
  const text = [
    `${camera}: ${fpsReached}${asked} fps`,
    kbMean === null ? "no frames" : `${kbMean} KB (p95 ${kbP95})`,
    sendP50Ms === null ? "nothing sent" : `send ${sendP50Ms} ms (p99 ${sendP99Ms})`,
    `${counts.dropped} dropped, ${counts.retries} retries, ${counts.reconnects} reconnects`,
  ].join(", ");
  return report.sizeLevel === null ? text : `\u001b[${colours[report.sizeLevel]}m${text}\u001b[0m`;
}

function zeroCounts(): Record<CountName, number> {
  return mapCounts(() => 0);
}

function difference(now: Readonly<Record<CountName, number>>, before: Readonly<Record<CountName, number>>) {
  return mapCounts((name) => now[name] - before[name]);
}

function mapCounts(value: (name: CountName) => number): Record<CountName, number> {
  const names = Object.keys(countHelp) as CountName[];
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<CountName, number>;
}

function percentile(histogram: RecordableHistogram, percent: number): number | null {
  return histogram.count === 0 ? null : histogram.percentile(percent);
}

function milliseconds(us: number | null): number | null {
  return us === null ? null : round(us / 1000, 2);
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
