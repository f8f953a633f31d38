import { messageOf } from "../../common/errors.ts";
import type { OutgoingMessage } from "../../common/kafka-message.ts";
import { encodeEnd, encodeFrame, type FrameFormat, type FrameKey } from "../../media/frame.ts";
import type { Fitted } from "./fit.ts";
import type { CameraMeter } from "./meter.ts";

export interface SenderOptions {
  readonly camera: string;
  /** Names this run of the producer. */
  readonly run: string;
  readonly topic: string;
  readonly format: FrameFormat;
  readonly keyedBy: FrameKey;
  /** Resolves when all in-sync replicas have the message; keeps the order of its calls, and retries by itself. */
  readonly send: (message: OutgoingMessage) => Promise<void>;
  readonly meter: CameraMeter;
  /** Frames handed over and not yet acknowledged, at most. */
  readonly maxInFlight: number;
  /** Told of each frame that Kafka refused for good. */
  readonly onLost: (error: unknown) => void;
}

/**
 * Hands one camera's frames to Kafka. Here a frame gets its number: what was left out before has none, and what is
 * handed over is never dropped, so that consumers see numbers without gaps.
 */
export class Sender {
  readonly #options: SenderOptions;
  /** When each frame in flight was handed over, ms; in order. */
  readonly #inFlight = new Set<{ readonly atMs: number }>();
  #next = 0;
  #changed: PromiseWithResolvers<void> | undefined;
  #failure: string | undefined;
  #sumMs = 0;
  #count = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Frames handed over so far. */
  get handed(): number {
    return this.#next;
  }

  /** Why the last frame was refused, until one is taken again. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** How long the oldest frame in flight has been so, ms; 0 when there is none. */
  oldestMs(nowMs = performance.now()): number {
    const oldest = this.#inFlight.values().next();
    return oldest.done ? 0 : nowMs - oldest.value.atMs;
  }

  /** Times from capture to acknowledgement since the last call: their sum, ms, and how many they are. */
  takeLatencies(): { readonly sumMs: number; readonly count: number } {
    const taken = { sumMs: this.#sumMs, count: this.#count };
    this.#sumMs = 0;
    this.#count = 0;
    return taken;
  }

  /** Resolves when another frame may be handed over. */
  async room(): Promise<void> {
    while (this.#inFlight.size >= this.#options.maxInFlight) await this.#change();
  }

  /** Resolves when every frame handed over is acknowledged or lost. */
  async settled(): Promise<void> {
    while (this.#inFlight.size > 0) await this.#change();
  }

  /** Hands a frame over; at once, so that frames stay in the order of the calls. */
  hand(picture: Fitted, capturedUs: number, rate: string | undefined): void {
    const { camera, run, topic, format, keyedBy, send, meter } = this.#options;
    const { jpeg, width, height, shrunk } = picture;
    const known = { camera, run, capturedUs, width, height, codec: "jpeg" as const, jpeg };
    const frame = { ...known, seq: this.#next, ...(rate === undefined ? {} : { rate }) };
    this.#next += 1;
    meter.handed(jpeg.length, shrunk);
    const flight = { atMs: performance.now() };
    this.#inFlight.add(flight);
    send(encodeFrame(frame, topic, format, keyedBy)).then(
      () => {
        const nowMs = performance.now();
        const sinceCaptureMs = performance.timeOrigin + nowMs - capturedUs / 1000;
        this.#sumMs += sinceCaptureMs;
        this.#count += 1;
        this.#failure = undefined;
        meter.acknowledged(nowMs - flight.atMs, sinceCaptureMs);
        this.#done(flight);
      },
      (error: unknown) => {
        this.#failure = messageOf(error);
        meter.count("lost");
        this.#options.onLost(error);
        this.#done(flight);
      },
    );
  }

  /**
   * Tells consumers that there are no more frames, after all of them are settled.
   * @throws when Kafka refuses that for good
   */
  async end(rate: string | undefined): Promise<void> {
    await this.settled();
    const { camera, run, topic, send } = this.#options;
    const end = { camera, run, frames: this.#next, ...(rate === undefined ? {} : { rate }) };
    await send(encodeEnd(end, topic));
  }

  #done(flight: { readonly atMs: number }): void {
    this.#inFlight.delete(flight);
    this.#changed?.resolve();
    this.#changed = undefined;
  }

  #change(): Promise<void> {
    this.#changed ??= Promise.withResolvers<void>();
    return this.#changed.promise;
  }
}
