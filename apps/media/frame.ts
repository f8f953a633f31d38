import { z } from "zod";
import {
  headerText,
  integerHeader,
  type KafkaMessage,
  type OutgoingMessage,
  PoisonError,
  textHeader,
} from "../common/kafka-message.ts";
import { messageOverheadBytes, type TopicDefinition } from "../common/topics.ts";
import { checkJpeg } from "./jpeg.ts";

/** How a topic carries frames: `jpeg`, the bytes of the picture; `json`, {@link JsonFrame} as text. */
export const frameFormats = ["jpeg", "json"] as const;
export type FrameFormat = (typeof frameFormats)[number];

/** Value of a message in the format `json`. */
export interface JsonFrame {
  /** The JPEG in Base64 (RFC 4648, with padding). */
  readonly frame: string;
  /** When the frame was captured, ISO 8601 in UTC. */
  readonly timestamp: string;
  /** Size of the JPEG in KB (1024 bytes), two decimals. */
  readonly size: number;
}

/** What is known of a frame beside its picture. */
export interface FrameInfo {
  readonly camera: string;
  /** Number of the frame in this run of the producer, from 0; of accepted frames none is left out. */
  readonly seq: number;
  /** Names the run of the producer that `seq` counts in. */
  readonly run: string;
  /** When the frame was complete at the producer: µs since the epoch, on the producer's clock. */
  readonly capturedUs: number;
  readonly width: number;
  readonly height: number;
  readonly codec: "jpeg";
  /** Frames a second of the file that the frame comes from, as FFmpeg writes it, `30000/1001`; cameras have none. */
  readonly rate?: string;
}

export interface Frame extends FrameInfo {
  readonly jpeg: Buffer;
}

/** Follows the last frame of a file that is played once; what comes from cameras never ends. */
export interface EndOfStream {
  readonly camera: string;
  readonly run: string;
  /** How many frames the run had: `seq` went from 0 to this less 1. */
  readonly frames: number;
  readonly rate?: string;
}

/** What a message on a topic of frames can be. */
export type VideoMessage = ({ readonly kind: "frame" } & Frame) | ({ readonly kind: "end" } & EndOfStream);

/** Names of the headers of a frame, in either format; the values are UTF-8 text. */
export const frameHeaders = {
  camera: "camera",
  seq: "seq",
  run: "run",
  capturedUs: "captured-us",
  width: "width",
  height: "height",
  codec: "codec",
  rate: "rate",
  /** Of an {@link EndOfStream} only: its `frames`. */
  end: "end-of-stream",
} as const;

/**
 * What keeps its order: the frames of one `camera`, in one partition; or nothing, when every `frame` has a key of its
 * own, so that the frames of one source spread over all partitions and several processors can share them.
 */
export const frameKeys = ["camera", "frame"] as const;
export type FrameKey = (typeof frameKeys)[number];

/** Names of cameras: part of file names and of headers. */
export const cameraName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

/** Names of runs: kept with every frame of a recording, so they are short, and none has a control character in it. */
const maxRunBytes = 256;

/** How a topic of frames is kept. */
export interface FrameTopicSizes {
  readonly name: string;
  readonly format: FrameFormat;
  readonly partitions: number;
  readonly retentionMs: number;
  /** Bytes of one partition. */
  readonly retentionBytes: number;
  /** Largest JPEG, in bytes. */
  readonly maxFrameBytes: number;
}

/** A topic of frames. One camera's frames have one key, so that they stay in order. */
export function frameTopic({ format, maxFrameBytes, ...sizes }: FrameTopicSizes): TopicDefinition {
  return {
    ...sizes,
    key: "name of the camera, UTF-8",
    value: format === "jpeg" ? "one JPEG" : "JSON {frame: JPEG in Base64, timestamp: ISO 8601, size: KB}",
    maxMessageBytes: maxFrameMessageBytes(format, maxFrameBytes),
  };
}

/** Largest message that a frame of `maxFrameBytes` can make, in bytes; Base64 takes 4 bytes for 3. */
export function maxFrameMessageBytes(format: FrameFormat, maxFrameBytes: number): number {
  return messageOverheadBytes + (format === "jpeg" ? maxFrameBytes : Math.ceil(maxFrameBytes / 3) * 4);
}

/** The message of a frame. In the format `jpeg` the picture is passed on as it is, without a copy. */
export function encodeFrame(
  frame: Frame,
  topic: string,
  format: FrameFormat,
  keyedBy: FrameKey = "camera",
): OutgoingMessage {
  const { jpeg, camera, seq, run, capturedUs, width, height, codec, rate } = frame;
  const headers = {
    [frameHeaders.camera]: camera,
    [frameHeaders.seq]: String(seq),
    [frameHeaders.run]: run,
    [frameHeaders.capturedUs]: String(capturedUs),
    [frameHeaders.width]: String(width),
    [frameHeaders.height]: String(height),
    [frameHeaders.codec]: codec,
    ...(rate === undefined ? {} : { [frameHeaders.rate]: rate }),
  };
  const key = keyedBy === "camera" ? camera : `${camera}-${seq}`;
  return { topic, key, value: format === "jpeg" ? jpeg : JSON.stringify(toJson(frame)), headers };
}

/** The message that tells consumers that a run has no more frames. */
export function encodeEnd({ camera, run, frames, rate }: EndOfStream, topic: string): OutgoingMessage {
  const headers = {
    [frameHeaders.camera]: camera,
    [frameHeaders.run]: run,
    [frameHeaders.end]: String(frames),
    ...(rate === undefined ? {} : { [frameHeaders.rate]: rate }),
  };
  return { topic, key: camera, value: "", headers };
}

function toJson({ jpeg, capturedUs }: Frame): JsonFrame {
  return {
    frame: jpeg.toString("base64"),
    timestamp: new Date(capturedUs / 1000).toISOString(),
    size: Math.round((jpeg.length / 1024) * 100) / 100,
  };
}

const jsonFrame = z.object({ frame: z.base64(), timestamp: z.iso.datetime(), size: z.number() });

/**
 * Reads a message back.
 * @throws PoisonError when a header is missing or wrong, or the value is no JPEG
 */
export function decodeVideo(message: KafkaMessage, format: FrameFormat): VideoMessage {
  const camera = textHeader(message, frameHeaders.camera);
  if (!cameraName.test(camera)) throw new PoisonError(`header ${frameHeaders.camera} is no camera's name`);
  const run = runName(message);
  const rate = headerText(message, frameHeaders.rate);
  const source = { camera, run, ...(rate === undefined ? {} : { rate: checkedRate(rate) }) };
  if (message.headers.has(frameHeaders.end)) {
    return { kind: "end", ...source, frames: integerHeader(message, frameHeaders.end) };
  }
  const codec = textHeader(message, frameHeaders.codec);
  if (codec !== "jpeg")
    throw new PoisonError(`header ${frameHeaders.codec} is ${codec.slice(0, 40)}, not jpeg`);
  const jpeg = format === "jpeg" ? (message.value ?? Buffer.alloc(0)) : fromJson(message.value);
  const checked = checkJpeg(jpeg);
  if (typeof checked === "string") throw new PoisonError(checked);
  return {
    kind: "frame",
    ...source,
    codec,
    seq: integerHeader(message, frameHeaders.seq),
    capturedUs: integerHeader(message, frameHeaders.capturedUs),
    width: integerHeader(message, frameHeaders.width),
    height: integerHeader(message, frameHeaders.height),
    jpeg,
  };
}

function runName(message: KafkaMessage): string {
  const run = textHeader(message, frameHeaders.run);
  if (Buffer.byteLength(run) > maxRunBytes || /\p{Cc}/u.test(run)) {
    throw new PoisonError(
      `header ${frameHeaders.run} is no name of a run: ${maxRunBytes} bytes at most, and no control characters`,
    );
  }
  return run;
}

function checkedRate(rate: string): string {
  if (!/^[1-9]\d{0,8}(\/[1-9]\d{0,8})?$/.test(rate)) {
    throw new PoisonError(`header ${frameHeaders.rate} is no frame rate such as 30 or 30000/1001`);
  }
  return rate;
}

function fromJson(value: Buffer | undefined): Buffer {
  try {
    return Buffer.from(jsonFrame.parse(JSON.parse((value ?? "").toString("utf8"))).frame, "base64");
  } catch (error) {
    throw new PoisonError("the value is not JSON {frame: Base64, timestamp: ISO 8601, size: KB}", {
      cause: error,
    });
  }
}
