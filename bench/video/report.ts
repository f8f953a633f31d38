import { quantile } from "../../scripts/latency/statistics/quantile.ts";
import type { Arrival } from "../common/frames.ts";

/** What one producer did in one window. */
export interface Result {
  readonly name: string;
  readonly cameras: number;
  readonly frames: number;
  /** Frames a second of one camera, the mean over all. */
  readonly fps: number;
  /** Numbers left out between the first and the last frame of each camera. */
  readonly lost: number;
  readonly meanKB: number;
  /** Processor time of the producer, with its children, for one frame. */
  readonly cpuMsPerFrame: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** @param cpuMs processor time that the producer used in the window */
export function resultOf(name: string, arrivals: readonly Arrival[], seconds: number, cpuMs: number): Result {
  const byCamera = Map.groupBy(arrivals, ({ camera }) => camera);
  const lost = [...byCamera.values()].reduce((sum, frames) => sum + missing(frames), 0);
  const sorted = Float64Array.from(arrivals, ({ latencyMs }) => latencyMs).sort();
  const total = (of: (arrival: Arrival) => number) => arrivals.reduce((sum, each) => sum + of(each), 0);
  return {
    name,
    cameras: byCamera.size,
    frames: arrivals.length,
    fps: arrivals.length / seconds / Math.max(1, byCamera.size),
    lost,
    meanKB: total(({ bytes }) => bytes) / arrivals.length / 1024,
    cpuMsPerFrame: cpuMs / arrivals.length,
    meanMs: total(({ latencyMs }) => latencyMs) / arrivals.length,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
  };
}

function missing(frames: readonly Arrival[]): number {
  const seqs = new Set(frames.map(({ seq }) => seq));
  const sorted = [...seqs].sort((a, b) => a - b);
  const [first, last] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
  return last - first + 1 - seqs.size;
}

/** How many times as much the other needs. */
export function ratios(ours: Result, other: Result): { cpu: number; mean: number; p50: number; p99: number } {
  return {
    cpu: other.cpuMsPerFrame / ours.cpuMsPerFrame,
    mean: other.meanMs / ours.meanMs,
    p50: other.p50Ms / ours.p50Ms,
    p99: other.p99Ms / ours.p99Ms,
  };
}
