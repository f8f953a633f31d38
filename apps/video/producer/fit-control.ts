/** How a frame is encoded anew. */
export interface Setting {
  /** Quality of the JPEG, 1 to 100. */
  readonly quality: number;
  /** Width and height as a part of the original's. */
  readonly scale: number;
}

export interface FitOptions {
  /** What no frame may exceed. */
  readonly maxBytes: number;
  /** Encodings of one frame at most. */
  readonly maxTries?: number;
}

const bestQuality = 90;
/** Below this a smaller picture looks better than a coarser one. */
const leastQuality = 50;
const leastScale = 0.1;
/**
 * Size of a JPEG against its scale: a picture of half the width has more detail a pixel, so that size falls more
 * slowly than area.
 */
const scaleExponent = 1.7;
/** From quality 90 to 50 a JPEG shrinks to about 1/e, so that a level is about one e-fold of size throughout. */
const qualityLevels = 1;
const deepestLevel = qualityLevels - scaleExponent * Math.log(leastScale);

/** Frames aim at this part of the limit after one was too large. */
const aim = 0.9;
/** Quality rises only when the largest of the last frames is below this part of the limit. */
const roomy = 0.75;
const minStep = 0.04;
const firstCalm = 30;
const longestCalm = 30 * 64;

/** Position on the one path from best to smallest: quality first, then scale. Sizes fall along it. */
export function settingAt(level: number): Setting {
  if (level <= qualityLevels) {
    const quality = bestQuality - (bestQuality - leastQuality) * (level / qualityLevels);
    return { quality: Math.round(quality), scale: 1 };
  }
  return { quality: leastQuality, scale: Math.exp((qualityLevels - level) / scaleExponent) };
}

/**
 * Finds how strongly frames must be compressed to stay below a limit, and with as little loss as that allows.
 *
 * It moves along one path of settings (see {@link settingAt}). A frame that is too large moves it down at once and is
 * encoded again. It moves up only after many frames in a row had room to spare, by half of that room, so that it
 * cannot swing to and fro; and each time that moving up proves wrong, it waits twice as long before the next time.
 */
export class FitController {
  readonly #maxBytes: number;
  readonly #maxTries: number;
  #level = 0;
  /** Frames since the last move, and the largest of them. */
  #frames = 0;
  #largest = 0;
  /** Frames with room that are waited for before moving up. */
  #calm = firstCalm;
  #lastMove: "up" | "down" = "down";
  /** Of the frame that is being encoded. */
  #tries = 0;
  #frameLevel = 0;

  constructor({ maxBytes, maxTries = 6 }: FitOptions) {
    if (maxTries < 2) throw new RangeError(`maxTries ${maxTries} is not at least 2`);
    this.#maxBytes = maxBytes;
    this.#maxTries = maxTries;
  }

  /** Where on the path frames begin: 0, best, and up. */
  get level(): number {
    return this.#level;
  }

  /** Begins a frame. @returns how to encode it first */
  begin(): Setting {
    this.#tries = 0;
    this.#frameLevel = this.#level;
    return settingAt(this.#frameLevel);
  }

  /**
   * Tells how large the frame became.
   * @returns how to encode it next; `fits` when it is small enough, `hopeless` when no setting makes it so
   */
  tried(bytes: number): Setting | "fits" | "hopeless" {
    this.#tries += 1;
    if (bytes <= this.#maxBytes) {
      this.#learn(bytes);
      return "fits";
    }
    if (this.#tries >= this.#maxTries || this.#frameLevel >= deepestLevel) {
      return "hopeless";
    }
    const excess = Math.log(bytes / (aim * this.#maxBytes));
    // Each further try of one frame goes farther; the last one as far as there is.
    const step = Math.max(minStep, excess) * 1.4 ** (this.#tries - 1);
    const last = this.#tries === this.#maxTries - 1;
    this.#frameLevel = last ? deepestLevel : Math.min(deepestLevel, this.#frameLevel + step);
    return settingAt(this.#frameLevel);
  }

  #learn(bytes: number): void {
    if (this.#frameLevel > this.#level) {
      // Up was wrong if it lasted no longer than it was waited for.
      if (this.#lastMove === "up" && this.#frames <= this.#calm) {
        this.#calm = Math.min(longestCalm, this.#calm * 2);
      }
      // A try that went farther than it had to teaches half of the way.
      const room = bytes < roomy * this.#maxBytes ? Math.log((aim * this.#maxBytes) / bytes) : 0;
      this.#move("down", Math.max(this.#level, this.#frameLevel - room / 2));
      return;
    }
    this.#frames += 1;
    this.#largest = Math.max(this.#largest, bytes);
    if (this.#frames < this.#calm || this.#level === 0) return;
    const room = Math.log((aim * this.#maxBytes) / this.#largest);
    if (this.#largest < roomy * this.#maxBytes) this.#move("up", Math.max(0, this.#level - room / 2));
    else this.#restart();
  }

  #move(direction: "up" | "down", level: number): void {
    this.#level = level;
    this.#lastMove = direction;
    this.#restart();
  }

  #restart(): void {
    this.#frames = 0;
    this.#largest = 0;
  }
}
