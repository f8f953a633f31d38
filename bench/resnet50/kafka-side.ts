import { imageHeaders } from "../../apps/classification/contract.ts";
import { nowUs } from "../../apps/common/clock.ts";
import type { OutgoingMessage } from "../../apps/common/kafka-message.ts";
import { follow } from "../common/follow.ts";
import type { Classify } from "./load.ts";

/** Topics of one classifier, and how it is sent an image. */
export interface KafkaSide {
  readonly images: string;
  readonly results: string;
  /** The message of an image; its result has the same key. */
  readonly message: (id: string, image: Buffer) => Omit<OutgoingMessage, "topic">;
}

/** What edgelab's classifier takes: the bytes as they are, and all else in headers. */
export function edgelabMessage(id: string, image: Buffer): Omit<OutgoingMessage, "topic"> {
  const us = String(nowUs());
  const headers = {
    [imageHeaders.id]: id,
    [imageHeaders.producer]: "bench-resnet50",
    [imageHeaders.device]: "0",
    [imageHeaders.seq]: id.slice(id.lastIndexOf(".") + 1),
    [imageHeaders.scheduledUs]: us,
    [imageHeaders.sentUs]: us,
  };
  return { key: id, value: image, headers };
}

/** What the peer takes: JSON with the image in Base64. */
export function peerMessage(id: string, image: Buffer): Omit<OutgoingMessage, "topic"> {
  const value = { id, producer: "bench-resnet50", scheduledUs: nowUs(), image: image.toString("base64") };
  return { key: id, value: JSON.stringify(value) };
}

/** Sends images to a topic and awaits their results on another, whoever classifies them. */
export async function openKafkaSide(
  bootstrapServers: readonly string[],
  { images, results, message }: KafkaSide,
) {
  const waiting = new Map<string, () => void>();
  const run = `bench-resnet50.${Date.now().toString(36)}`;
  let count = 0;
  const names = { clientId: "bench-resnet50", groupId: `${run}-results`, topic: results };
  const { producer, close } = await follow(bootstrapServers, names, (batch) => {
    for (const { key } of batch) {
      const id = key?.toString() ?? "";
      waiting.get(id)?.();
      waiting.delete(id);
    }
  });
  const classify: Classify = async (image) => {
    const id = `${run}.${count}`;
    count += 1;
    const result = Promise.withResolvers<void>();
    waiting.set(id, result.resolve);
    await Promise.all([producer.send({ ...message(id, image), topic: images }), result.promise]);
  };
  return { classify, close };
}
