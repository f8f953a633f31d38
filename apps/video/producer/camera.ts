import type { OutgoingMessage } from "../../common/kafka-message.ts";
import type { Logger } from "../../common/logging.ts";
import type { Metrics } from "../../common/metrics.ts";
import type { CameraFacts } from "./camera-state.ts";
import { type CameraSpec, isLive, maxFrameBytes } from "./cameras.ts";
import type { CaptureEvent, CaptureState } from "./capture.ts";
import { Fitter, UnfitError } from "./fit.ts";
import { FrameQueue } from "./frame-queue.ts";
import { CameraMeter, type CameraReport } from "./meter.ts";
import { Pacer } from "./pacer.ts";
import { RateController } from "./rate.ts";
import { Seldom } from "./seldom.ts";
import { Sender } from "./sender.ts";
import type { CapturedFrame } from "./sources/source.ts";

/** Frames handed to Kafka and not yet acknowledged: while one is on its way the next is made ready. */
export const maxInFlight = 4;

export interface CameraOptions {
  readonly spec: CameraSpec;
  /** Names this run of the producer. */
  readonly run: string;
  /** See {@link Sender}. */
  readonly send: (message: OutgoingMessage) => Promise<void>;
  /** Of the file, once it is known. */
  readonly rate: () => string | undefined;
  readonly maxBufferedFrames: number;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** What a camera had accepted and not sent when it was given up. */
export interface Leftover {
  /** Frames that waited to be handed to Kafka. */
  readonly unsent: number;
  /** Frames that Kafka has perhaps. */
  readonly unacknowledged: number;
}

/** The way of one camera's frames: pace → queue → size → Kafka. */
export class Camera {
  readonly spec: CameraSpec;
  readonly meter: CameraMeter;
  readonly sender: Sender;
  readonly #options: CameraOptions;
  readonly #live: boolean;
  readonly #queue: FrameQueue<CapturedFrame>;
  readonly #pacer: Pacer;
  readonly #rate: RateController;
  readonly #fitter: Fitter;
  readonly #seldom: Seldom;
  #lastFrameMs = performance.now();
  /** The shortest that the queue has been since the last tick. */
  #leastQueued = 0;
  /** Frames acknowledged by the last tick. */
  #acknowledged = 0;
  #fpsAsked: number;
  #ended = false;
  #sourceProblem: string | undefined;

  constructor(options: CameraOptions) {
    const { spec, run, send, maxBufferedFrames, metrics, log } = options;
    const { name, topic, format, keyedBy, fps } = spec;
    const maxBytes = maxFrameBytes(spec);
    this.spec = spec;
    this.#options = options;
    this.#live = isLive(spec);
    // Frames over the limit wait as they came, so a camera of large frames has room for fewer of them.
    this.#queue = new FrameQueue({
      maxFrames: maxBufferedFrames,
      maxBytes: 2 * maxBufferedFrames * maxBytes,
    });
    this.#pacer = new Pacer(fps);
    this.#rate = new RateController({ target: fps });
    this.#fpsAsked = fps;
    this.#fitter = new Fitter(maxBytes);
    this.#seldom = new Seldom();
    this.meter = new CameraMeter(name, maxBytes, metrics);
    const onLost = (err: unknown) =>
      this.#seldom.tell("lost", (times) => log.error({ err, times }, "Kafka refused a frame"));
    const { meter } = this;
    this.sender = new Sender({ camera: name, run, topic, format, keyedBy, send, meter, maxInFlight, onLost });
  }

  /** Frames a second that are asked for now; null for a file, which is not thinned. */
  get fpsAsked(): number | null {
    return this.#live ? this.#fpsAsked : null;
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** Takes a frame from the source. @returns for a source that can wait: when the next frame may come */
  accept(frame: CapturedFrame): void | Promise<void> {
    this.#lastFrameMs = performance.now();
    this.meter.captured(frame.jpeg.length);
    if (!this.#live) return this.#hold(frame);
    if (this.#pacer.take(frame.capturedUs)) this.meter.count("dropped", this.#queue.push(frame));
    else this.meter.count("skipped");
  }

  /** Counts what happened to the source. */
  onEvent(event: CaptureEvent): void {
    this.meter.event(event);
    if (event === "bad-part") this.meter.count("bad");
    if (event === "reconnect") this.meter.count("reconnects");
  }

  onState(state: CaptureState): void {
    // While it connects again, what went wrong before is still the best reason there is.
    if (state.kind === "streaming") this.#sourceProblem = undefined;
    if (state.kind === "waiting") this.#sourceProblem = state.problem;
  }

  /** Notes that a file cannot be played any further. */
  failed(problem: string): void {
    this.#sourceProblem = problem;
  }

  /** Sends frames until {@link close}; resolves when all that were accepted are sent or lost. */
  async work(): Promise<void> {
    for (;;) {
      // First room, then a frame: what waits here could not be pushed out by a newer one.
      await this.sender.room();
      const frame = await this.#queue.take();
      if (frame === undefined) break;
      this.#leastQueued = Math.min(this.#leastQueued, this.#queue.length);
      await this.#send(frame);
    }
    await this.sender.settled();
  }

  /** Accepts no more frames. */
  close(): void {
    this.#queue.close();
  }

  /** Tells consumers that the file has ended; after {@link work}. @throws when Kafka refuses that for good */
  async end(): Promise<void> {
    await this.sender.end(this.#options.rate());
    this.#ended = true;
  }

  /** Gives up what is not sent, and counts it as lost. */
  abandon(): Leftover {
    const unsent = this.#queue.clear();
    this.meter.count("dropped", unsent);
    return { unsent, unacknowledged: this.sender.inFlight };
  }

  /**
   * Adapts the frame rate to how things stand; called at about equal intervals.
   * @param share the part of the frame rate that the process can do, see LoopShare
   * @param elapsedMs since the last call
   */
  tick(share: number, elapsedMs: number): void {
    const { sent } = this.meter.totals;
    const acknowledged = ((sent - this.#acknowledged) * 1000) / elapsedMs;
    const queued = Math.min(this.#leastQueued, this.#queue.length);
    this.#acknowledged = sent;
    this.#leastQueued = this.#queue.length;
    if (this.#live) {
      // The least of what is left of the rate: by Kafka for this camera, and by the process for all of them alike.
      const ownFps = this.#rate.step({ queued, acknowledged });
      this.#fpsAsked = Math.min(ownFps, Math.max(this.#rate.floor, share * this.spec.fps));
      this.#pacer.fps = this.#fpsAsked;
    }
    this.meter.stands({ fpsAsked: this.fpsAsked, queued: this.#queue.length });
  }

  facts(nowMs = performance.now()): CameraFacts {
    const { captured, sent } = this.meter.totals;
    return {
      camera: this.spec.name,
      sinceFrameMs: nowMs - this.#lastFrameMs,
      frames: captured,
      unacknowledgedMs: this.sender.oldestMs(nowMs),
      acknowledged: sent,
      refused: this.sender.failure,
      sourceProblem: this.#sourceProblem,
      ended: this.#ended,
    };
  }

  report(): CameraReport {
    return this.meter.report(this.fpsAsked);
  }

  async #hold(frame: CapturedFrame): Promise<void> {
    if (!(await this.#queue.put(frame))) this.meter.count("dropped");
  }

  async #send(frame: CapturedFrame): Promise<void> {
    try {
      const fitted = this.#fitter.fit(frame);
      const picture = fitted instanceof Promise ? await fitted : fitted;
      this.sender.hand(picture, frame.capturedUs, this.#options.rate());
    } catch (error) {
      if (!(error instanceof UnfitError)) throw error;
      const { message: reason } = error;
      this.meter.count("bad");
      this.#seldom.tell("bad", (times) => this.#options.log.warn({ reason, times }, "a frame was left out"));
    }
  }
}
