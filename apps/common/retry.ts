import { setTimeout as delay } from "node:timers/promises";

/** How the pauses between attempts grow. */
export interface Backoff {
  /** Upper bound of the first pause, in milliseconds. */
  readonly baseMs: number;
  /** Upper bound of every pause, in milliseconds. */
  readonly capMs: number;
}

const defaultBackoff: Backoff = { baseMs: 100, capMs: 10_000 };

export interface RetryOptions extends Partial<Backoff> {
  /** Ends the retrying at once: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Attempts in all; without it there is no limit. */
  readonly attempts?: number | undefined;
  /** Errors for which another attempt is pointless are thrown at once. By default every error is retried. */
  readonly isRetryable?: ((error: unknown) => boolean) | undefined;
  /** Told of every failure that another attempt will follow, with the pause before it. */
  readonly onRetry?: ((error: unknown, attempt: number, pauseMs: number) => void) | undefined;
}

/**
 * The pause before another attempt, in milliseconds: capped exponential backoff with full jitter, uniform in
 * [0, min(cap, base × 2^attempt)) (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
 *
 * @param attempt number of the failed attempt, from 0
 * @param random uniform in [0, 1)
 */
export function backoffMs(
  attempt: number,
  { baseMs, capMs }: Backoff = defaultBackoff,
  random = Math.random,
): number {
  return random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30));
}

/**
 * Runs an operation until it succeeds.
 * @throws the last error when the attempts are used up or the error is not retryable; the signal's reason when aborted
 */
export async function retry<T>(operation: () => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { signal, attempts = Number.POSITIVE_INFINITY, isRetryable, onRetry } = options;
  const backoff = { ...defaultBackoff, ...definedBackoff(options) };
  for (let attempt = 0; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await operation();
    } catch (error) {
      if (attempt + 1 >= attempts || isRetryable?.(error) === false) throw error;
      signal?.throwIfAborted();
      const pauseMs = backoffMs(attempt, backoff);
      onRetry?.(error, attempt, pauseMs);
      await pause(pauseMs, signal);
    }
  }
}

/**
 * Asks until there is an answer other than undefined.
 * @param what completes "gave up waiting for …"
 * @throws when `timeoutMs` have passed; the message has the last thing that went wrong
 */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { timeoutMs, everyMs = 250, signal }: { timeoutMs: number; everyMs?: number; signal?: AbortSignal },
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= deadline) {
      const because = last === undefined ? "" : `: ${last instanceof Error ? last.message : String(last)}`;
      throw new Error(`gave up waiting for ${what} after ${Math.round(timeoutMs / 1000)} s${because}`, {
        cause: last,
      });
    }
    await pause(everyMs, signal);
  }
}

/** Waits, unless the signal ends the wait. @throws the signal's reason */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** Whether a promise settles, either way, before the time is over. */
export async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), ms);
  const settled = promise.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function definedBackoff({ baseMs, capMs }: Partial<Backoff>): Partial<Backoff> {
  return { ...(baseMs === undefined ? {} : { baseMs }), ...(capMs === undefined ? {} : { capMs }) };
}
