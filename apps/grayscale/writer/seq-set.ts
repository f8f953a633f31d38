/** A set of sequence numbers, one bit each. */
export class SeqSet {
  #bits = new Uint8Array(1024);
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  has(seq: number): boolean {
    return ((this.#bits[seq >>> 3] ?? 0) & (1 << (seq & 7))) !== 0;
  }

  /** @param seq from 0 to 2^31 - 1 */
  add(seq: number): void {
    if (this.has(seq)) return;
    const at = seq >>> 3;
    if (at >= this.#bits.length) {
      const grown = new Uint8Array(2 * (at + 1));
      grown.set(this.#bits);
      this.#bits = grown;
    }
    this.#bits[at] = (this.#bits[at] ?? 0) | (1 << (seq & 7));
    this.#size += 1;
  }
}
