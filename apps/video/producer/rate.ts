/** How a camera's frames got on since the last step. */
export interface Progress {
  /** Frames that waited to be sent all the time: a queue that comes and goes does its duty, one that stands is too much. */
  readonly queued: number;
  /** Frames a second that were acknowledged. */
  readonly acknowledged: number;
}

export interface RateOptions {
  /** The rate to hold when nothing is in the way. */
  readonly target: number;
  /** The least rate; 1 by default, or the target if that is less. */
  readonly floor?: number;
}

/** More frames than this waiting all the time mean that they come faster than they can be sent. */
const standing = 1;
/** What is asked of a way whose capacity is known, as a part of it: the rest keeps its queue empty. */
const headroom = 0.9;
/** In how many seconds a queue that stands is to be gone. */
const drainSeconds = 2;
/** Steps without a queue after which the whole target is asked for again, whatever the capacity was. */
const recoverySteps = 22;

/**
 * Finds the highest rate of frames that can be sent without a queue that stands.
 *
 * While a queue stands the way to Kafka is never idle, so that what is acknowledged then is its capacity: the rate falls
 * to nine tenths of that, and by as much more as empties the queue, and is nine tenths when the queue is gone. To measure
 * what the bottleneck delivers and to drain it is what BBR does (N. Cardwell et al., "BBR: Congestion-Based Congestion
 * Control", 2016); that only a queue that stands is a bad one is from K. Nichols, V. Jacobson, "Controlling queue delay",
 * 2012. From there it rises with the cube of the time, slowly near the known capacity and fast when there is more by now,
 * as CUBIC does (RFC 9438). That Kafka is slow at any rate is no reason to send less.
 */
export class RateController {
  /** The least rate, frames a second. */
  readonly floor: number;
  readonly #target: number;
  #fps: number;
  /** Frames a second that the way took when a queue stood last. */
  #capacity = Number.POSITIVE_INFINITY;
  /** Steps since then. */
  #calm = Number.POSITIVE_INFINITY;

  constructor({ target, floor = Math.min(1, target) }: RateOptions) {
    this.#target = target;
    this.floor = floor;
    this.#fps = target;
  }

  /** Frames a second to ask for now. */
  get fps(): number {
    return this.#fps;
  }

  /** Takes in how the last step went; steps are of about equal length, half a second. @returns the rate from now on */
  step({ queued, acknowledged }: Progress): number {
    const wanted = queued > standing ? this.#drain(queued, acknowledged) : this.#rise(acknowledged);
    this.#fps = Math.min(this.#target, Math.max(this.floor, wanted));
    return this.#fps;
  }

  #drain(queued: number, acknowledged: number): number {
    // A step is short: at few frames a second one more or less is much.
    this.#capacity = this.#calm === 0 ? (this.#capacity + acknowledged) / 2 : acknowledged;
    this.#calm = 0;
    return headroom * this.#capacity - queued / drainSeconds;
  }

  #rise(acknowledged: number): number {
    this.#calm += 1;
    // What has just worked off a queue took that much at least, also after a time in which it took nothing.
    if (this.#calm === 1) this.#capacity = Math.max(this.#capacity, acknowledged);
    return headroom * this.#capacity + this.#target * (this.#calm / recoverySteps) ** 3;
  }
}
