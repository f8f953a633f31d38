/** Classifies one encoded image, however it gets there; resolves when its result is back. */
export type Classify = (image: Buffer) => Promise<void>;

/** What a window of load came to. */
export interface Window {
  /** Results a second. */
  readonly perSecond: number;
  /** From handing an image over to having its result, ms; of those that ended in the window. */
  readonly latenciesMs: readonly number[];
}

export interface Loading {
  /** Images under way at once. */
  readonly concurrency: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
  readonly signal: AbortSignal;
}

/**
 * Keeps so many images under way, each followed by the next when its result is there, and counts those that end between
 * the end of the warm-up and the end of the window. Resolves when the last of them has its result.
 *
 * @throws what a classification throws, as soon as it does; the signal's reason when it aborts
 */
export async function load(
  classify: Classify,
  images: readonly Buffer[],
  { concurrency, warmUpMs, windowMs, signal }: Loading,
): Promise<Window> {
  const fromMs = performance.now() + warmUpMs;
  const toMs = fromMs + windowMs;
  const latenciesMs: number[] = [];
  let next = 0;
  const keepOneUnderWay = async (): Promise<void> => {
    for (;;) {
      signal.throwIfAborted();
      const startMs = performance.now();
      if (startMs >= toMs) return;
      const image = images[next % images.length] as Buffer;
      next += 1;
      await classify(image);
      const endMs = performance.now();
      if (endMs >= fromMs && endMs < toMs) latenciesMs.push(endMs - startMs);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, keepOneUnderWay));
  return { perSecond: (latenciesMs.length * 1000) / windowMs, latenciesMs };
}
