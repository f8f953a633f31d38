/**
 * The last so many numbers, and their median at any time. A sorted copy is kept beside the ring, so that a number more
 * costs two binary searches and a move within a short array, and nothing is allocated.
 */
export class SlidingWindow {
  readonly #ring: Float64Array;
  readonly #sorted: Float64Array;
  #count = 0;
  #next = 0;

  /** @param size how many numbers it holds, 1 or more */
  constructor(size: number) {
    this.#ring = new Float64Array(size);
    this.#sorted = new Float64Array(size);
  }

  get count(): number {
    return this.#count;
  }

  /** Takes a finite number; the oldest goes when there is no room. */
  push(value: number): void {
    if (this.#count === this.#ring.length) this.#remove(this.#ring[this.#next] ?? 0);
    this.#insert(value);
    this.#ring[this.#next] = value;
    this.#next = (this.#next + 1) % this.#ring.length;
  }

  /** Mean of the two middle ones of an even count; NaN of none. */
  median(): number {
    const upper = this.#count >> 1;
    const lower = (this.#count - 1) >> 1;
    return (this.#at(lower) + this.#at(upper)) / 2;
  }

  /**
   * Median absolute deviation from the median; NaN of none. The deviations of a sorted row fall towards the median and
   * rise behind it, so that the smallest half of them is found by walking outwards from there.
   */
  mad(): number {
    if (this.#count === 0) return Number.NaN;
    const middle = this.median();
    let right = this.#count >> 1;
    let left = right - 1;
    let before = 0;
    let last = 0;
    for (let taken = 0; taken <= this.#count >> 1; taken += 1) {
      const below = left >= 0 ? middle - this.#at(left) : Number.POSITIVE_INFINITY;
      const above = right < this.#count ? this.#at(right) - middle : Number.POSITIVE_INFINITY;
      before = last;
      last = Math.min(below, above);
      if (below < above) left -= 1;
      else right += 1;
    }
    return this.#count % 2 === 1 ? last : (before + last) / 2;
  }

  #at(index: number): number {
    return this.#sorted[index] ?? Number.NaN;
  }

  #insert(value: number): void {
    const index = this.#lowerBound(value);
    this.#sorted.copyWithin(index + 1, index, this.#count);
    this.#sorted[index] = value;
    this.#count += 1;
  }

  #remove(value: number): void {
    const index = this.#lowerBound(value);
    this.#sorted.copyWithin(index, index + 1, this.#count);
    this.#count -= 1;
  }

  /** Index of the first that is not less. */
  #lowerBound(value: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#at(middle) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
