import sharp from "sharp";
import type { KafkaMessage, OutgoingMessage } from "../../common/kafka-message.ts";
import { encodeEnd, encodeFrame, type Frame } from "../../media/frame.ts";

export interface TestVideo {
  readonly camera: string;
  readonly run: string;
  readonly frames: number;
  readonly rate: string;
  readonly width: number;
  readonly height: number;
}

/** A frame in colour, unlike every other of its video: a red square that moves over blue, brighter from frame to frame. */
export async function colourFrame(video: TestVideo, seq: number): Promise<Frame> {
  const { camera, run, rate, width, height, frames } = video;
  const side = Math.max(4, Math.floor(height / 4));
  const share = seq / Math.max(1, frames - 1);
  const blue = { r: 20, g: Math.round(40 + 120 * share), b: 220 };
  const square = { create: { width: side, height: side, channels: 3 as const, background: "#ff2010" } };
  const jpeg = await sharp({ create: { width, height, channels: 3, background: blue } })
    .composite([{ input: square, left: Math.round((width - side) * share), top: Math.floor(height / 3) }])
    .jpeg({ quality: 90 })
    .toBuffer();
  return { camera, run, seq, rate, width, height, capturedUs: 1_000_000 + seq, codec: "jpeg", jpeg };
}

/** All messages of a video, as the producer sends them: every frame with a key of its own, and the end. */
export async function videoMessages(video: TestVideo, topic: string): Promise<OutgoingMessage[]> {
  const messages: OutgoingMessage[] = [];
  for (let seq = 0; seq < video.frames; seq += 1) {
    messages.push(encodeFrame(await colourFrame(video, seq), topic, "jpeg", "frame"));
  }
  return [...messages, encodeEnd(video, topic)];
}

/** A message as a consumer would read it. */
export function received({ topic, key, value, headers = {} }: OutgoingMessage, offset = 0): KafkaMessage {
  const bytes = (text: string | Buffer) => (typeof text === "string" ? Buffer.from(text) : text);
  const pairs = Object.entries(headers).map(([name, text]): [string, Buffer] => [name, bytes(text)]);
  return {
    topic,
    partition: 0,
    offset: BigInt(offset),
    timestampMs: 0,
    key: key === undefined ? undefined : bytes(key),
    value: bytes(value),
    headers: new Map(pairs),
  };
}
