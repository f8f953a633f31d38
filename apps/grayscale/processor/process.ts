import {
  type KafkaMessage,
  type OutgoingMessage,
  PoisonError,
  type Rejection,
} from "../../common/kafka-message.ts";
import type { Counter, Histogram, Metrics } from "../../common/metrics.ts";
import { latencyBuckets } from "../../common/metrics.ts";
import { decodeVideo, type VideoMessage } from "../../media/frame.ts";
import { encodeProcessed, lostFrame, type ProcessedMessage } from "../contract.ts";
import type { Step } from "../steps/step.ts";

export interface ProcessorOptions {
  readonly step: Step;
  /** Topic that the results go to. */
  readonly topic: string;
  /** Resolves when the message is durable. */
  readonly send: (message: OutgoingMessage) => Promise<void>;
  /** Frames in work at a time. */
  readonly concurrency: number;
  readonly maxProcessedBytes: number;
  readonly metrics: Metrics;
}

/**
 * Turns frames into processed frames. A frame that cannot be processed is rejected and, if its headers tell which one
 * it was, announced as lost, so that the video keeps its length. The end of a stream is passed on as it is: it may
 * overtake frames that others are still working on, and whoever reads it goes by its number of frames.
 */
export class Processor {
  readonly #options: ProcessorOptions;
  readonly #frames: Counter<"step">;
  readonly #lost: Counter<"step">;
  readonly #ends: Counter<"step">;
  readonly #seconds: Histogram<"step">;

  constructor(options: ProcessorOptions) {
    this.#options = options;
    const { metrics } = options;
    const counter = (name: string, help: string) => {
      const made = metrics.counter(name, help, ["step"]);
      made.inc({ step: options.step.name }, 0);
      return made;
    };
    this.#frames = counter("processor_frames_total", "Frames processed and passed on.");
    this.#lost = counter("processor_lost_frames_total", "Frames that could not be processed.");
    this.#ends = counter("processor_ends_total", "Ends of streams passed on.");
    this.#seconds = metrics.histogram(
      "processor_step_seconds",
      "Time of the step for one frame.",
      latencyBuckets,
      ["step"],
    );
  }

  /** Resolves when the results are durable. @returns what could not be processed */
  async process(messages: readonly KafkaMessage[], signal: AbortSignal): Promise<readonly Rejection[]> {
    // Frames are sent together: one that waited for the answer to the one before would be as slow as Kafka is to answer.
    const passed: Promise<PromiseSettledResult<Rejection | undefined>[]>[] = [];
    const waiting = messages.values();
    const work = async () => {
      for (const message of waiting) {
        signal.throwIfAborted();
        const made = await this.#make(message, signal);
        // What comes again must not be sent by the one that has given it up.
        signal.throwIfAborted();
        passed.push(Promise.allSettled([this.#pass(message, made)]));
      }
    };
    const lanes = Array.from({ length: this.#options.concurrency }, work);
    // All of them end before a failure is told: the same frames come again then.
    const outcomes = [...(await Promise.allSettled(lanes)), ...(await Promise.all(passed)).flat()];
    const rejections: Rejection[] = [];
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") throw outcome.reason;
      if (outcome.value !== undefined) rejections.push(outcome.value);
    }
    return rejections;
  }

  /** What the step makes of a message, or why it cannot. */
  async #make(message: KafkaMessage, signal: AbortSignal): Promise<ProcessedMessage | PoisonError> {
    try {
      return await this.#apply(decodeVideo(message, "jpeg"), signal);
    } catch (error) {
      if (error instanceof PoisonError) return error;
      throw error;
    }
  }

  async #pass(message: KafkaMessage, made: ProcessedMessage | PoisonError): Promise<Rejection | undefined> {
    const { step, topic, send } = this.#options;
    if (made instanceof PoisonError) return this.#refuse(message, made.message);
    try {
      await send(encodeProcessed(made, topic));
    } catch (error) {
      if (error instanceof PoisonError) return this.#refuse(message, error.message);
      throw error;
    }
    (made.kind === "end" ? this.#ends : this.#frames).inc({ step: step.name });
    return undefined;
  }

  async #refuse(message: KafkaMessage, reason: string): Promise<Rejection> {
    const { step, topic, send } = this.#options;
    const lost = lostFrame(message, reason);
    if (lost !== undefined) await send(encodeProcessed({ kind: "lost", step: step.name, ...lost }, topic));
    this.#lost.inc({ step: step.name });
    return { message, reason };
  }

  async #apply(video: VideoMessage, signal: AbortSignal): Promise<ProcessedMessage> {
    const { step, maxProcessedBytes } = this.#options;
    if (video.kind === "end") return { ...video, step: step.name };
    const startMs = performance.now();
    const jpeg = await step.process(video.jpeg, { signal });
    this.#seconds.observe({ step: step.name }, (performance.now() - startMs) / 1000);
    if (jpeg.length > maxProcessedBytes) {
      throw new PoisonError(
        `the processed frame has ${jpeg.length} bytes; MAX_PROCESSED_BYTES allows ${maxProcessedBytes}`,
      );
    }
    return { ...video, jpeg, step: step.name };
  }
}
