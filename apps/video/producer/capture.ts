import { messageOf } from "../../common/errors.ts";
import type { Logger } from "../../common/logging.ts";
import { type Backoff, backoffMs, pause } from "../../common/retry.ts";
import type { CapturedFrame, OnFrame, Source } from "./sources/source.ts";

/** What is counted of a camera. */
export const captureEvents = [
  /** A connection gave its first frame. */
  "connect",
  /** Such a connection, other than the first. */
  "reconnect",
  /** No frame came for the stall timeout. */
  "stall",
  /** A truncated or garbage picture was skipped. */
  "bad-part",
  /** A connection failed, stalls included. */
  "failure",
  /** A live stream ended by itself. */
  "end",
  /** The pictures have another size than before. */
  "resolution-change",
] as const;
export type CaptureEvent = (typeof captureEvents)[number];

/** How a camera is doing, for health checks. */
export type CaptureState =
  /** With what went wrong with the connection before, if there was one. */
  | { readonly kind: "connecting"; readonly problem: string | undefined }
  | { readonly kind: "streaming"; readonly width: number; readonly height: number }
  | { readonly kind: "waiting"; readonly problem: string };

export interface CaptureOptions {
  readonly name: string;
  readonly source: Source;
  /** A connection without a frame for this long is given up, ms. Time spent in `onFrame` does not count. */
  readonly stallTimeoutMs: number;
  /** What it throws ends the capture. */
  readonly onFrame: OnFrame;
  readonly log: Logger;
  /** Told of each event as it happens. */
  readonly onEvent?: (event: CaptureEvent) => void;
  readonly onState?: (state: CaptureState) => void;
  readonly signal: AbortSignal;
  readonly backoff?: Backoff;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

/** Pauses between connections; the first is short, as most cameras come back at once. */
const defaultBackoff: Backoff = { baseMs: 250, capMs: 10_000 };
/** The least time between two log lines about bad parts, ms. */
const logBadEveryMs = 10_000;

/**
 * Keeps one camera running for ever: connects again, after capped exponential backoff with full jitter, whenever the
 * connection fails, ends or stalls. Nothing of an old connection is delivered once it was given up.
 *
 * @returns `frames` delivered, when a source that is meant to end has ended
 * @throws the signal's reason when aborted; what `onFrame` throws; and the error of a source that is meant to end and
 *   fails after its first frame, since another run would deliver its frames twice
 */
export async function superviseCamera(options: CaptureOptions): Promise<{ frames: number }> {
  const capture = new Capture(options);
  const { source, signal, log, name, backoff = defaultBackoff, random, onState, onEvent } = options;
  let lastProblem: string | undefined;
  for (let attempt = 0; ; attempt += 1) {
    onState?.({ kind: "connecting", problem: lastProblem });
    const { frames, problem } = await capture.connect();
    signal.throwIfAborted();
    if (source.ends && problem === undefined) return { frames: capture.frames };
    if (source.ends && frames > 0) throw problem;
    onEvent?.(problem === undefined ? "end" : "failure");
    // Frames show that the camera is there: the next pause is a short one again.
    if (frames > 0) attempt = 0;
    const pauseMs = backoffMs(attempt, backoff, random);
    const reason = problem === undefined ? "the stream ended" : messageOf(problem);
    log.warn({ camera: name, reason, frames, pauseMs: Math.round(pauseMs) }, "camera lost; connecting again");
    onState?.({ kind: "waiting", problem: reason });
    lastProblem = reason;
    await pause(pauseMs, signal);
  }
}

/** What outlives the connections to a camera. */
class Capture {
  frames = 0;
  readonly #options: CaptureOptions;
  #connections = 0;
  #size = "";
  #lastLoggedMs = Number.NEGATIVE_INFINITY;

  constructor(options: CaptureOptions) {
    this.#options = options;
  }

  /**
   * One connection, until it ends, fails or stalls.
   * @returns the frames that it gave and what went wrong, if anything did
   * @throws what `onFrame` throws
   */
  async connect(): Promise<{ frames: number; problem: unknown }> {
    const { source, signal, stallTimeoutMs, onFrame } = this.#options;
    const ending = new AbortController();
    const either = AbortSignal.any([signal, ending.signal]);
    const watch = new StallWatch(stallTimeoutMs, () => {
      this.#options.onEvent?.("stall");
      ending.abort(new Error(`no frame for ${stallTimeoutMs} ms`));
    });
    const before = this.frames;
    let broken: { error: unknown } | undefined;
    const deliver = async (frame: CapturedFrame): Promise<void> => {
      // A connection that was given up may still have something on its way.
      if (either.aborted) return;
      this.#count(frame, this.frames === before);
      watch.pause();
      try {
        await onFrame(frame);
      } catch (error) {
        broken ??= { error };
        ending.abort(error);
      } finally {
        watch.resume();
      }
    };
    let problem: unknown;
    try {
      await source.run(either, deliver, (reason) => this.#onBad(reason));
    } catch (error) {
      problem = error;
    } finally {
      watch.stop();
    }
    if (broken !== undefined) throw broken.error;
    return { frames: this.frames - before, problem };
  }

  #count({ width, height }: CapturedFrame, first: boolean): void {
    const { name, log, onEvent, onState } = this.#options;
    this.frames += 1;
    const size = `${width}x${height}`;
    if (first) {
      this.#connections += 1;
      onEvent?.("connect");
      if (this.#connections > 1) onEvent?.("reconnect");
      log.info({ camera: name, size, connection: this.#connections }, "frames arrive");
    }
    if (this.#size !== "" && this.#size !== size) {
      onEvent?.("resolution-change");
      log.warn({ camera: name, from: this.#size, to: size }, "the camera's resolution changed");
    }
    if (first || this.#size !== size) onState?.({ kind: "streaming", width, height });
    this.#size = size;
  }

  /** All are counted; at most one in ten seconds is logged. */
  #onBad(reason: string): void {
    const { name, log, onEvent } = this.#options;
    onEvent?.("bad-part");
    if (performance.now() - this.#lastLoggedMs < logBadEveryMs) return;
    this.#lastLoggedMs = performance.now();
    log.warn({ camera: name, reason }, "a picture was skipped");
  }
}

/** Tells when nothing has happened for a time that is not spent in pauses. */
class StallWatch {
  readonly #timeoutMs: number;
  readonly #onStall: () => void;
  #timer: NodeJS.Timeout | undefined;
  #pauses = 0;
  #stopped = false;

  constructor(timeoutMs: number, onStall: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#onStall = onStall;
    this.#start();
  }

  pause(): void {
    this.#pauses += 1;
    clearTimeout(this.#timer);
  }

  resume(): void {
    this.#pauses -= 1;
    if (this.#pauses === 0) this.#start();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #start(): void {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(this.#onStall, this.#timeoutMs);
  }
}
