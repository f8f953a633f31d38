/** Something that takes up memory, in bytes. */
interface Sized {
  readonly jpeg: { readonly length: number };
}

export interface FrameQueueOptions {
  /** Frames that may wait. */
  readonly maxFrames: number;
  /** Bytes that may wait, save that one frame always may. */
  readonly maxBytes: number;
}

/**
 * Frames that wait to be sent, the oldest first. It never holds more than it may: a source that cannot wait pushes
 * the oldest frames out, one that can waits for room.
 */
export class FrameQueue<T extends Sized> {
  readonly #options: FrameQueueOptions;
  readonly #frames: T[] = [];
  #bytes = 0;
  #closed = false;
  #taker: PromiseWithResolvers<void> | undefined;
  #room: PromiseWithResolvers<void> | undefined;

  constructor(options: FrameQueueOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#frames.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a frame now. @returns how many of the oldest frames went for it; a closed queue takes none and returns 1 */
  push(frame: T): number {
    if (this.#closed) return 1;
    let dropped = 0;
    while (!this.#fits(frame)) {
      this.#shift();
      dropped += 1;
    }
    this.#add(frame);
    return dropped;
  }

  /** Adds a frame as soon as there is room. @returns false when the queue was closed before */
  async put(frame: T): Promise<boolean> {
    while (!this.#closed && !this.#fits(frame)) {
      this.#room ??= Promise.withResolvers<void>();
      await this.#room.promise;
    }
    if (this.#closed) return false;
    this.#add(frame);
    return true;
  }

  /** The oldest frame, as soon as there is one; undefined when the queue is closed and empty. For one taker. */
  async take(): Promise<T | undefined> {
    while (this.#frames.length === 0 && !this.#closed) {
      this.#taker ??= Promise.withResolvers<void>();
      await this.#taker.promise;
    }
    return this.#shift();
  }

  /** Takes no more frames; those that wait can still be taken. */
  close(): void {
    this.#closed = true;
    this.#wakeTaker();
    this.#wakePutters();
  }

  /** Throws away what waits. @returns how many frames */
  clear(): number {
    const count = this.#frames.length;
    this.#frames.length = 0;
    this.#bytes = 0;
    this.#wakePutters();
    return count;
  }

  #fits({ jpeg }: T): boolean {
    const { maxFrames, maxBytes } = this.#options;
    if (this.#frames.length === 0) return true;
    return this.#frames.length < maxFrames && this.#bytes + jpeg.length <= maxBytes;
  }

  #add(frame: T): void {
    this.#frames.push(frame);
    this.#bytes += frame.jpeg.length;
    this.#wakeTaker();
  }

  #shift(): T | undefined {
    const frame = this.#frames.shift();
    if (frame !== undefined) this.#bytes -= frame.jpeg.length;
    this.#wakePutters();
    return frame;
  }

  #wakeTaker(): void {
    this.#taker?.resolve();
    this.#taker = undefined;
  }

  #wakePutters(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}
