/** What of a stream of messages is needed to hold it up. */
interface Stoppable {
  pause(): unknown;
  resume(): unknown;
}

/**
 * Bounds in bytes what the client has read and nobody has taken yet; by itself it counts messages, however large they
 * are. Requests under way still arrive, so that there can be as much more as each broker returns to one of them.
 */
export class Backlog {
  readonly #maxBytes: number;
  #stream: Stoppable | undefined;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  holdUp(stream: Stoppable): void {
    this.#stream = stream;
    if (this.#bytes > this.#maxBytes) stream.pause();
  }

  arrived(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#maxBytes) this.#stream?.pause();
  }

  taken(bytes: number): void {
    const wasOver = this.#bytes > this.#maxBytes;
    this.#bytes -= bytes;
    if (wasOver && this.#bytes <= this.#maxBytes) this.#stream?.resume();
  }
}
