import type { Sample } from "../../apps/classification/producer/matcher.ts";
import { pause } from "../../apps/common/retry.ts";

/** What a live display shows. */
export interface LiveState {
  readonly phase: "starting" | "warming up" | "measuring" | "draining";
  /** Of this phase. */
  readonly elapsedMs: number;
  /** Latencies so far of this phase, ms; Infinity = not back in time. */
  readonly latenciesMs: readonly number[];
  /** Results in this phase of images, of whichever phase, that had counted as lost: a backlog is worked off. */
  readonly late: number;
}

export type OnState = (state: LiveState) => void;

/** How often a phase looks at what it waits for. */
export const tickMs = 250;

/** A stretch of the measurement, and what a display shows of it. */
export class Phase {
  readonly #name: LiveState["phase"];
  readonly #onState: OnState;
  readonly #startMs = performance.now();
  readonly #latenciesMs: number[];
  #late: number;

  constructor(name: LiveState["phase"], onState: OnState, latenciesMs: number[] = [], late = 0) {
    this.#name = name;
    this.#onState = onState;
    this.#latenciesMs = latenciesMs;
    this.#late = late;
  }

  /** The next phase, which goes on showing this one's latencies. */
  become(name: LiveState["phase"]): Phase {
    return new Phase(name, this.#onState, this.#latenciesMs, this.#late);
  }

  get elapsedMs(): number {
    return performance.now() - this.#startMs;
  }

  add(samples: readonly Sample[]): void {
    for (const { outcome, receivedUs, scheduledUs } of samples) {
      if (outcome === "late") {
        this.#late += 1;
        continue;
      }
      this.#latenciesMs.push(
        receivedUs === null ? Number.POSITIVE_INFINITY : (receivedUs - scheduledUs) / 1000,
      );
    }
  }

  show(): void {
    this.#onState({
      phase: this.#name,
      elapsedMs: this.elapsedMs,
      latenciesMs: this.#latenciesMs,
      late: this.#late,
    });
  }

  async tick(signal: AbortSignal): Promise<void> {
    this.show();
    await pause(tickMs, signal);
  }
}
