import {
  copyOf,
  headerText,
  integerHeader,
  type KafkaMessage,
  type OutgoingMessage,
  PoisonError,
  textHeader,
} from "../common/kafka-message.ts";
import type { TopicDefinition } from "../common/topics.ts";
import { decodeVideo, type EndOfStream, type Frame, frameHeaders, frameTopic } from "../media/frame.ts";

const MiB = 1024 * 1024;
const day = 24 * 60 * 60 * 1000;

/** Names that the apps use unless their environment says otherwise. */
export const topicNames = { frames: "video-frames", processed: "processed-frames" } as const;

/** Largest processed frame unless config says otherwise, in bytes: a step may make a frame larger than it was. */
export const defaultMaxProcessedBytes = 8 * MiB;

/** What config may change about the pipeline's topics; what is left out has the defaults below. */
export interface TopicSizes {
  readonly framesName?: string;
  readonly processedName?: string;
  /** The frames of one file spread over these, so that as many processors can share it. */
  readonly partitions?: number;
  readonly retentionMs?: number;
  /** Bytes of one partition. */
  readonly retentionBytes?: number;
  /** Largest frame of the file, in bytes. */
  readonly maxFrameBytes?: number;
  /** Largest processed frame, in bytes; MAX_PROCESSED_BYTES of the processor. */
  readonly maxProcessedBytes?: number;
}

/** The topics of the pipeline; each has a dead-letter topic beside it. */
export function grayscaleTopics(sizes: TopicSizes = {}): readonly TopicDefinition[] {
  const {
    framesName = topicNames.frames,
    processedName = topicNames.processed,
    partitions = 6,
    retentionMs = day,
    retentionBytes = 1024 * MiB,
    maxFrameBytes = 4 * MiB,
    maxProcessedBytes = defaultMaxProcessedBytes,
  } = sizes;
  const common = { partitions, retentionMs, retentionBytes, format: "jpeg" } as const;
  return [
    {
      ...frameTopic({ ...common, name: framesName, maxFrameBytes }),
      key: "<camera>-<seq>, UTF-8, so that the frames of one file spread over all partitions",
    },
    {
      ...frameTopic({ ...common, name: processedName, maxFrameBytes: maxProcessedBytes }),
      key: "<camera>/<run>/<step>, UTF-8, so that one writer has all of a video",
      value:
        "one processed JPEG; empty for the end of the stream and for a frame that could not be processed",
    },
  ];
}

/** Headers of a processed message beside those of a frame; the values are UTF-8 text. */
export const processedHeaders = {
  /** Name of the step that was done. */
  step: "step",
  /** Of a {@link LostFrame} only: why there is no picture. */
  lost: "lost",
} as const;

/** A frame that could not be processed; the writer shows the one before it, so that the video keeps its length. */
export interface LostFrame {
  readonly camera: string;
  readonly run: string;
  readonly seq: number;
  readonly rate?: string;
  readonly reason: string;
}

/** What a message on the topic of processed frames can be. */
export type ProcessedMessage = { readonly step: string } & (
  | ({ readonly kind: "frame" } & Frame)
  | ({ readonly kind: "lost" } & LostFrame)
  | ({ readonly kind: "end" } & EndOfStream)
);

/** Names of steps: part of file names and of headers. */
export const stepName = /^[a-z][a-z0-9-]{0,30}$/;

/** Longest video that the writer takes, in frames: 92 h at 30 a second. What claims to be longer is broken. */
export const maxFrames = 10_000_000;

/** Kafka refuses headers of any length in the end, and a reason is for people. */
const maxReason = 500;

/** The message of a processed frame, of a lost one or of the end. */
export function encodeProcessed(message: ProcessedMessage, topic: string): OutgoingMessage {
  const { camera, run, step, rate } = message;
  const source = {
    [frameHeaders.camera]: camera,
    [frameHeaders.run]: run,
    [processedHeaders.step]: step,
    ...(rate === undefined ? {} : { [frameHeaders.rate]: rate }),
  };
  const key = `${camera}/${run}/${step}`;
  if (message.kind === "end") {
    return { topic, key, value: "", headers: { ...source, [frameHeaders.end]: String(message.frames) } };
  }
  const numbered = { ...source, [frameHeaders.seq]: String(message.seq) };
  if (message.kind === "lost") {
    const reason = message.reason.slice(0, maxReason);
    return { topic, key, value: "", headers: { ...numbered, [processedHeaders.lost]: reason } };
  }
  const headers = {
    ...numbered,
    [frameHeaders.capturedUs]: String(message.capturedUs),
    [frameHeaders.width]: String(message.width),
    [frameHeaders.height]: String(message.height),
    [frameHeaders.codec]: message.codec,
  };
  return { topic, key, value: message.jpeg, headers };
}

/**
 * Reads a processed message back.
 * @throws PoisonError when a header is missing or wrong, or a frame has no JPEG
 */
export function decodeProcessed(message: KafkaMessage): ProcessedMessage {
  const step = textHeader(message, processedHeaders.step);
  if (!stepName.test(step)) throw new PoisonError(`header ${processedHeaders.step} is no step's name`);
  const reason = headerText(message, processedHeaders.lost);
  if (reason !== undefined) {
    const lost = lostFrame(message, reason);
    if (lost === undefined) throw new PoisonError("a lost frame without camera, run or seq");
    return { kind: "lost", step, ...lost };
  }
  const video = decodeVideo(message, "jpeg");
  if (video.kind === "end" && video.frames > maxFrames) {
    throw new PoisonError(`header ${frameHeaders.end} is ${video.frames}, more than ${maxFrames}`);
  }
  if (video.kind === "frame" && video.seq >= maxFrames) {
    throw new PoisonError(`header ${frameHeaders.seq} is ${video.seq}, not below ${maxFrames}`);
  }
  return { step, ...video };
}

/**
 * What is known of a frame that cannot be processed.
 * @returns undefined when its headers do not even say which frame of which video it is
 */
export function lostFrame(message: KafkaMessage, reason: string): LostFrame | undefined {
  try {
    // The headers are checked as those of a frame are, with an end for a picture.
    const headers = new Map([...message.headers, [frameHeaders.end, Buffer.from("0")]]);
    const { camera, run, rate } = decodeVideo(copyOf(message, { headers }), "jpeg");
    if (message.headers.has(frameHeaders.end)) return undefined;
    const seq = integerHeader(message, frameHeaders.seq);
    if (seq >= maxFrames) return undefined;
    return { camera, run, seq, reason, ...(rate === undefined ? {} : { rate }) };
  } catch (error) {
    if (error instanceof PoisonError) return undefined;
    throw error;
  }
}
