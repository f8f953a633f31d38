/** What tells whether frames can be sent as fast as they come. */
export interface Load {
  /** Frames that waited to be sent all the time since the last step. */
  readonly queued: number;
  /** Mean time from handing a frame to Kafka to its acknowledgement, ms; 0 when there was none. */
  readonly sendMs: number;
  /** How much later than asked for the event loop runs its timers, ms. */
  readonly lagMs: number;
}

export interface RateOptions {
  /** The rate to hold when nothing is in the way. */
  readonly target: number;
  /** The least rate; 1 by default, or the target if that is less. */
  readonly floor?: number;
  /** Loads above these mean that frames cannot be sent as fast as they come. */
  readonly limits?: Load;
}

/** A queue that is never empty, five times the latency that is aimed at, and a loop that is busy with something else. */
export const defaultLimits: Load = { queued: 5, sendMs: 500, lagMs: 50 };

/** What is left of the rate after a step down. */
const decrease = 0.8;
/** A step up, as a part of the target. */
const increase = 1 / 20;
/** The same near the rate that was too much last time. */
const probe = 1 / 100;
/** Steps without trouble before the first step up. */
const calmSteps = 2;
/** Steps until a rate that was too much is tried at full stride again: the trouble may be over. */
const memorySteps = 60;

/**
 * Lowers the rate of frames while they cannot be sent as fast as they come, and raises it again: additive increase,
 * multiplicative decrease (D. Chiu, R. Jain, "Analysis of the increase and decrease algorithms for congestion
 * avoidance", 1989), and slowly near the rate at which there was trouble last, so that it settles just below.
 */
export class RateController {
  readonly #target: number;
  readonly #floor: number;
  readonly #limits: Load;
  #fps: number;
  #calm = 0;
  /** The rate that was too much last time, and how many steps ago that was. */
  #tooMuch = Number.POSITIVE_INFINITY;
  #age = 0;

  constructor({ target, floor = Math.min(1, target), limits = defaultLimits }: RateOptions) {
    this.#target = target;
    this.#floor = floor;
    this.#limits = limits;
    this.#fps = target;
  }

  /** Frames a second to ask for now. */
  get fps(): number {
    return this.#fps;
  }

  /** Takes the load of the last step; steps are of equal length, such as half a second. @returns the rate from now on */
  step(load: Load): number {
    this.#age += 1;
    if (isAbove(load, this.#limits)) {
      // While the queue is being worked off the rate falls further, but it was the first one that was too much.
      if (this.#calm > 0 || this.#tooMuch === Number.POSITIVE_INFINITY) this.#tooMuch = this.#fps;
      this.#age = 0;
      this.#calm = 0;
      this.#fps = Math.max(this.#floor, this.#fps * decrease);
      return this.#fps;
    }
    this.#calm += 1;
    if (this.#age >= memorySteps) this.#tooMuch = Number.POSITIVE_INFINITY;
    if (this.#calm >= calmSteps) this.#fps = Math.min(this.#target, this.#fps + this.#stride());
    return this.#fps;
  }

  #stride(): number {
    const near = this.#fps >= 0.9 * this.#tooMuch;
    return this.#target * (near ? probe : increase);
  }
}

function isAbove(load: Load, limits: Load): boolean {
  return load.queued > limits.queued || load.sendMs > limits.sendMs || load.lagMs > limits.lagMs;
}
