import { statfs } from "node:fs/promises";
import type { Logger } from "../common/logging.ts";
import type { Counter, Gauge, Metrics } from "../common/metrics.ts";
import { pause } from "../common/retry.ts";

export interface FreeSpace {
  readonly bytes: number;
  /** Files that can still be made; undefined where the file system has no such limit. */
  readonly files: number | undefined;
}

export interface DiskGuardOptions {
  readonly folder: string;
  /** Below this it is too little. */
  readonly minFreeBytes: number;
  /** How to find out what is free; statfs by default. */
  readonly free?: (folder: string) => Promise<FreeSpace>;
  /** How long an answer holds, and how often it is asked while there is too little. */
  readonly everyMs?: number;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** For `/healthz`. */
  readonly onState: (problem: string | undefined) => void;
}

/** Once there was too little, this much more than the minimum has to be free, so that it does not go on and off. */
const resumeFactor = 1.1;
const minFiles = 1000;

/** Keeps an app from filling the disk: it waits while there is too little space, and goes on by itself. */
export class DiskGuard {
  readonly #options: DiskGuardOptions;
  readonly #everyMs: number;
  readonly #freeGauge: Gauge;
  readonly #lowGauge: Gauge;
  readonly #alerts: Counter;
  #low = false;
  #validUntilMs = 0;

  constructor(options: DiskGuardOptions) {
    this.#options = options;
    this.#everyMs = options.everyMs ?? 1000;
    const { metrics } = options;
    this.#freeGauge = metrics.gauge("output_free_bytes", "Free space where the files go.");
    this.#lowGauge = metrics.gauge("output_low_space", "1 while nothing is written for want of space.");
    this.#alerts = metrics.counter("output_low_space_alerts_total", "Times the space became too little.");
    this.#lowGauge.set(0);
    this.#alerts.inc(0);
  }

  /** Resolves when there is enough space, at once as a rule. @throws the signal's reason */
  async ready(signal: AbortSignal): Promise<void> {
    if (!this.#low && performance.now() < this.#validUntilMs) return;
    for (;;) {
      signal.throwIfAborted();
      const problem = this.#problem(await (this.#options.free ?? freeSpace)(this.#options.folder));
      if (problem === undefined) break;
      this.#fail(problem);
      await pause(this.#everyMs, signal);
    }
    if (this.#low) this.#options.log.info({ folder: this.#options.folder }, "there is space again; going on");
    this.#low = false;
    this.#lowGauge.set(0);
    this.#validUntilMs = performance.now() + this.#everyMs;
    this.#options.onState(undefined);
  }

  /** Tells the guard that writing failed for want of space: {@link ready} waits until there is enough again. */
  trip(reason: string): void {
    this.#fail(`${this.#options.folder}: ${reason}`);
  }

  #problem({ bytes, files }: FreeSpace): string | undefined {
    const { folder, minFreeBytes } = this.#options;
    this.#freeGauge.set(bytes);
    const factor = this.#low ? resumeFactor : 1;
    if (bytes < minFreeBytes * factor) {
      return `${folder} has ${megabytes(bytes)} MB free, ${megabytes(minFreeBytes * factor)} MB are needed; make room or lower MIN_FREE_MB, RETENTION_HOURS or RETENTION_MB`;
    }
    if (files !== undefined && files < minFiles * factor) {
      return `${folder} has room for ${files} files only (inodes); make room or lower RETENTION_HOURS`;
    }
    return undefined;
  }

  /** Alerts once for as long as it lasts. */
  #fail(problem: string): void {
    this.#options.onState(problem);
    if (this.#low) return;
    this.#low = true;
    this.#lowGauge.set(1);
    this.#alerts.inc();
    this.#options.log.error({ problem }, "too little disk space; nothing is consumed until there is more");
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** What is free for this process where the folder is. */
export async function freeSpace(folder: string): Promise<FreeSpace> {
  const { bavail, bsize, files, ffree } = await statfs(folder);
  return { bytes: bavail * bsize, files: files === 0 ? undefined : ffree };
}
