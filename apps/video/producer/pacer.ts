/** A source this much faster than asked for counts as one of just that rate with a clock of its own. */
const clockTolerance = 0.02;
/** Frames by which such a source may be early: cameras on a network deliver in bunches. */
const bunch = 15;
/** Part of the interval by which a frame of a faster source may be early. */
const earliness = 0.25;
/** Frames over which the rate of the source is measured. */
const window = 256;
/**
 * With fewer intervals than this in the window the source is faster than asked for. A window can begin just after the
 * pause before a bunch, so a bunch less proves nothing.
 */
const fewest = window * (1 - clockTolerance) - bunch;
/** A pause counts as no more than this many intervals. */
const longest = 16;

/**
 * Chooses which frames of a live source to take, so that it gives `fps` frames a second or as many as there are.
 *
 * A faster source is thinned along a fixed schedule: each frame is due one interval after the time at which the frame
 * before was due, not after when it came, so that errors do not add up. A source that is not faster passes whole.
 * After a pause the schedule starts anew: what was missed is not made up for.
 *
 * Times are µs on one monotonic clock.
 */
export class Pacer {
  #intervalUs: number;
  /** When the next frame is due; undefined before the first. */
  #dueUs: number | undefined;
  #lastUs: number | undefined;
  /** The last intervals between frames of the source, µs, as a ring, and their sum. */
  readonly #gaps: number[];
  #gapsUs: number;
  #index = 0;

  constructor(fps: number) {
    this.#intervalUs = intervalOf(fps);
    // Until it is known better, the source is as fast as asked for.
    this.#gaps = Array.from({ length: window }, () => this.#intervalUs);
    this.#gapsUs = window * this.#intervalUs;
  }

  get fps(): number {
    return 1e6 / this.#intervalUs;
  }

  /** Changes the rate from the next frame on. */
  set fps(fps: number) {
    const intervalUs = intervalOf(fps);
    if (this.#dueUs !== undefined) this.#dueUs += intervalUs - this.#intervalUs;
    this.#intervalUs = intervalUs;
  }

  /** Whether to take the frame that came at this time; times never fall. */
  take(atUs: number): boolean {
    this.#measure(atUs);
    const due = this.#dueUs ?? atUs;
    const passes = this.#gapsUs >= fewest * this.#intervalUs;
    return passes ? this.#takeWhole(atUs, due) : this.#takeScheduled(atUs, due);
  }

  #takeWhole(atUs: number, due: number): boolean {
    if (atUs < due - bunch * this.#intervalUs) return false;
    this.#dueUs = Math.max(atUs, due) + this.#intervalUs * (1 - clockTolerance);
    return true;
  }

  #takeScheduled(atUs: number, due: number): boolean {
    if (atUs < due - earliness * this.#intervalUs) return false;
    const next = due + this.#intervalUs;
    this.#dueUs = next <= atUs - this.#intervalUs ? atUs + this.#intervalUs : next;
    return true;
  }

  #measure(atUs: number): void {
    const gap = Math.min(longest * this.#intervalUs, atUs - (this.#lastUs ?? atUs - this.#intervalUs));
    this.#lastUs = atUs;
    this.#gapsUs += gap - (this.#gaps[this.#index] ?? 0);
    this.#gaps[this.#index] = gap;
    this.#index = (this.#index + 1) % window;
  }
}

function intervalOf(fps: number): number {
  if (!(fps > 0 && Number.isFinite(fps))) throw new RangeError(`fps ${fps} is not above 0`);
  return 1e6 / fps;
}
