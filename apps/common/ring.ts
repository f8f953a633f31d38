/** The latest of a stream of numbered items: at most `capacity` of them, numbered from 0 in the order of arrival. */
export class Ring<T> {
  readonly #items: T[] = [];
  readonly #capacity: number;
  #count = 0;

  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1)
      throw new RangeError(`capacity ${capacity} is not at least 1`);
    this.#capacity = capacity;
  }

  /** Number that the next item will get. */
  get next(): number {
    return this.#count;
  }

  push(item: T): void {
    this.#items[this.#count % this.#capacity] = item;
    this.#count += 1;
  }

  /** The items numbered `first` and up that are still there, and the number of the first of them. */
  since(first: number): { readonly from: number; readonly items: T[] } {
    const from = Math.min(this.#count, Math.max(first, this.#count - this.#capacity, 0));
    const start = from % this.#capacity;
    const length = this.#count - from;
    const items = this.#items.slice(start, start + length);
    return { from, items: [...items, ...this.#items.slice(0, length - items.length)] };
  }
}
