import { renderTable } from "../../lib/table.ts";
import { quantile } from "../../scripts/latency/statistics/quantile.ts";
import type { Arrival } from "../common/frames.ts";
import { verdict } from "../common/verdict.ts";

/** What one producer did in one window. */
export interface Result {
  readonly name: string;
  readonly cameras: number;
  readonly frames: number;
  /** Frames a second of one camera, the mean over all. */
  readonly fps: number;
  /** The same of the camera that had the fewest. */
  readonly leastFps: number;
  /** Numbers left out between the first and the last frame of each camera. */
  readonly lost: number;
  readonly meanKB: number;
  /** Processor time of the producer, with its children, for one frame. */
  readonly cpuMsPerFrame: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const nothing = {
  cameras: 0,
  frames: 0,
  fps: 0,
  leastFps: 0,
  lost: 0,
  meanKB: 0,
  cpuMsPerFrame: Number.POSITIVE_INFINITY,
  meanMs: Number.POSITIVE_INFINITY,
  p50Ms: Number.POSITIVE_INFINITY,
  p99Ms: Number.POSITIVE_INFINITY,
};

/** @param cpuMs processor time that the producer used in the window */
export function resultOf(name: string, arrivals: readonly Arrival[], seconds: number, cpuMs: number): Result {
  const byCamera = Map.groupBy(arrivals, ({ camera }) => camera);
  const lost = [...byCamera.values()].reduce((sum, frames) => sum + missing(frames), 0);
  const sorted = Float64Array.from(arrivals, ({ latencyMs }) => latencyMs).sort();
  // When none arrived, none was in time.
  if (arrivals.length === 0) return { ...nothing, name };
  const total = (of: (arrival: Arrival) => number) => arrivals.reduce((sum, each) => sum + of(each), 0);
  return {
    name,
    cameras: byCamera.size,
    frames: arrivals.length,
    fps: arrivals.length / seconds / Math.max(1, byCamera.size),
    leastFps: Math.min(...[...byCamera.values()].map(({ length }) => length)) / seconds,
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

/** A step of load: what the producer made of it by itself, and the best that a fixed rate did. */
export interface Step {
  /** Busy programs on the producer's core. */
  readonly load: number;
  readonly adaptive: Result;
  /** Undefined when no rate held. */
  readonly fixed: Result | undefined;
}

const goals = { p99: 4, cameras: 20 } as const;

/** Edgelab beside the peer, when that was run: a table, and how many times as much the peer needs. */
export function comparison(results: readonly Result[]): string {
  const [edgelab, peer] = results;
  const lines = [tableOf(results)];
  if (edgelab !== undefined && peer !== undefined) {
    const p99 = peer.p99Ms / edgelab.p99Ms;
    lines.push(
      `The usual way takes ${(peer.cpuMsPerFrame / edgelab.cpuMsPerFrame).toFixed(1)} × the processor time a frame, ` +
        `${(peer.meanMs / edgelab.meanMs).toFixed(1)} × the mean, ${(peer.p50Ms / edgelab.p50Ms).toFixed(1)} × the ` +
        `median and ${p99.toFixed(1)} × the p99 of the latency (goal: at least ${goals.p99} ×) ${verdict(p99 >= goals.p99)}.`,
    );
  }
  lines.push(
    "Latency: from the complete frame at the producer (edgelab), from the return of VideoCapture.read() (peer), " +
      "to its reading by one and the same consumer.",
  );
  return lines.join("\n");
}

/** The search for the most cameras, and what a core carries by the processor time that the best step took. */
export function mostLines(results: readonly Result[], isCarried: (result: Result) => boolean): string {
  const good = results.filter(isCarried).at(-1);
  const cameras = good?.cameras ?? 0;
  const used = good === undefined ? Number.NaN : (good.cpuMsPerFrame * good.fps * good.cameras) / 1000;
  const aCore = good === undefined ? 0 : good.cameras / used;
  return [
    tableOf(results),
    `One core carries ${cameras} cameras beside three brokers, the camera and the consumer, of which the producer takes ` +
      `${used.toFixed(2)} cores: ${aCore.toFixed(0)} cameras a core (goal: ${goals.cameras}) ${verdict(aCore >= goals.cameras)}.`,
  ].join("\n");
}

/** The steps of load, each rate beside the highest fixed one that held. */
export function stepLines(steps: readonly Step[]): string {
  const header = [
    "busy programs",
    "frames/s a camera",
    "least of any",
    "p50 ms",
    "p99 ms",
    "highest fixed",
    "its p99 ms",
    "ratio",
  ];
  const rows = steps.map(({ load, adaptive, fixed }) => [
    String(load),
    adaptive.fps.toFixed(1),
    adaptive.leastFps.toFixed(1),
    adaptive.p50Ms.toFixed(1),
    adaptive.p99Ms.toFixed(1),
    fixed === undefined ? "none" : fixed.fps.toFixed(1),
    fixed === undefined ? "" : fixed.p99Ms.toFixed(1),
    fixed === undefined ? "" : (adaptive.fps / fixed.fps).toFixed(2),
  ]);
  return renderTable(header, rows);
}

function tableOf(results: readonly Result[]): string {
  const header = [
    "producer",
    "frames",
    "frames/s a camera",
    "lost",
    "KB",
    "CPU ms a frame",
    "mean ms",
    "p50 ms",
    "p99 ms",
  ];
  return renderTable(
    header,
    results.map((each) => [
      each.name,
      String(each.frames),
      each.fps.toFixed(2),
      String(each.lost),
      each.meanKB.toFixed(1),
      each.cpuMsPerFrame.toFixed(2),
      each.meanMs.toFixed(2),
      each.p50Ms.toFixed(2),
      each.p99Ms.toFixed(2),
    ]),
  );
}
