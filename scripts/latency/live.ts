import { formatSeconds } from "../../lib/table.ts";
import type { LiveState } from "./phase.ts";
import { quantile } from "./statistics/quantile.ts";

/** Guesses for what has not been seen yet. */
const guess = { upSeconds: 12, warmUpSeconds: 15, drainSeconds: 3 };

/** How long the rest of a run will take, learnt from the windows measured so far. */
export class Estimate {
  readonly #windowSeconds: number;
  #turnsLeft: number;
  #overhead: number[] = [];
  #turnStartedMs = performance.now();

  constructor(turns: number, windowSeconds: number) {
    this.#turnsLeft = turns;
    this.#windowSeconds = windowSeconds;
  }

  beginTurn(): void {
    this.#turnStartedMs = performance.now();
  }

  endTurn(): void {
    this.#turnsLeft -= 1;
    this.#overhead.push((performance.now() - this.#turnStartedMs) / 1000 - this.#windowSeconds);
  }

  /** Seconds until the run is over. @param state of the window that is being measured, if there is one */
  secondsLeft(state?: Pick<LiveState, "phase" | "elapsedMs">): number {
    const guessed = guess.upSeconds + guess.warmUpSeconds + guess.drainSeconds;
    const seen = this.#overhead.reduce((sum, seconds) => sum + seconds, 0) / this.#overhead.length;
    const turn = this.#windowSeconds + (this.#overhead.length === 0 ? guessed : seen);
    return this.#leftOfTurn(turn, state) + turn * Math.max(0, this.#turnsLeft - 1);
  }

  /** From the beginning of the window on, only the drain is a guess. */
  #leftOfTurn(turn: number, state: Pick<LiveState, "phase" | "elapsedMs"> | undefined): number {
    const { phase, elapsedMs = 0 } = state ?? {};
    if (phase === "draining") return guess.drainSeconds;
    if (phase === "measuring")
      return Math.max(0, this.#windowSeconds - elapsedMs / 1000) + guess.drainSeconds;
    const gone = (performance.now() - this.#turnStartedMs) / 1000;
    return Math.max(this.#windowSeconds + guess.drainSeconds, turn - gone);
  }
}

/** One line on how a window is coming along. */
export function describeState(state: LiveState, secondsLeft: number): string {
  const { phase, elapsedMs, latenciesMs, late } = state;
  const sorted = Float64Array.from(latenciesMs).sort();
  const missing = latenciesMs.filter((ms) => !Number.isFinite(ms)).length;
  const parts = [
    `${phase} ${formatSeconds(elapsedMs / 1000)}`,
    `${sorted.length} images${missing === 0 ? "" : `, ${missing} not back in time`}`,
    ...(late === 0 ? [] : [`${late} older results: the lab works off a backlog`]),
    ...(sorted.length === 0 ? [] : [`p50 ${ms(quantile(sorted, 0.5))}, p95 ${ms(quantile(sorted, 0.95))}`]),
    `about ${formatSeconds(Math.round(secondsLeft))} left`,
  ];
  return parts.join(" · ");
}

function ms(value: number): string {
  return Number.isFinite(value) ? `${Number(value.toPrecision(3))} ms` : "not in time";
}
