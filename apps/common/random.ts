/**
 * A small seeded generator of pseudo-random numbers: the same seed gives the same numbers on every machine.
 *
 * The generator is xoshiro128++ 1.0 (D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators",
 * ACM TOMS 47(4), 2021); its four words of state are filled by the 32-bit finaliser of MurmurHash3 over a Weyl
 * sequence, as its authors advise for seeding. Nothing here needs more than integer arithmetic and the IEEE 754
 * operations + − × ÷, whose results are defined to the last bit.
 */
export class Random {
  readonly #state = new Uint32Array(4);

  /** @param seed any number; its lowest 32 bits count */
  constructor(seed: number) {
    let weyl = seed >>> 0;
    for (let i = 0; i < 4; i += 1) {
      weyl = (weyl + 0x9e3779b9) >>> 0;
      this.#state[i] = finalise(weyl);
    }
  }

  /** A generator in the given state of four words, not all zero, such as its authors' reference code prints. */
  static fromState(state: readonly [number, number, number, number]): Random {
    const random = new Random(0);
    random.#state.set(state);
    return random;
  }

  /** The next integer in [0, 2^32). */
  uint32(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#state;
    const result = (rotateLeft((a + d) | 0, 7) + a) >>> 0;
    const c1 = c ^ a;
    const d1 = d ^ b;
    this.#state[0] = a ^ d1;
    this.#state[1] = b ^ c1;
    this.#state[2] = c1 ^ (b << 9);
    this.#state[3] = rotateLeft(d1, 11);
    return result;
  }

  /** A number in [0, 1), a multiple of 2^-32. */
  unit(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** A number in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.unit();
  }

  /** An integer in [0, count). The bias, below count ÷ 2^32, does not matter for drawing pictures. */
  below(count: number): number {
    return Math.floor(this.unit() * count);
  }

  /**
   * A nearly normal number of mean 0 and standard deviation 1, within ±3.5: the sum of the four bytes of one draw
   * (central limit theorem), which needs no logarithm or cosine.
   */
  normal(): number {
    const bits = this.uint32();
    const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
    return (sum - 510) * BYTE_SUM_SCALE;
  }

  /** Puts the items into random order, in place (Fisher–Yates). */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i -= 1) {
      const j = this.below(i + 1);
      const [a, b] = [items[i], items[j]];
      if (a === undefined || b === undefined) continue;
      items[i] = b;
      items[j] = a;
    }
    return items;
  }
}

/** One over the standard deviation of the sum of four independent bytes, √(4 × (256² − 1) ÷ 12). */
const BYTE_SUM_SCALE = 1 / Math.sqrt((4 * (256 * 256 - 1)) / 12);

const rotateLeft = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

function finalise(x: number): number {
  let h = x;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
