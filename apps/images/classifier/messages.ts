import { headerText, type KafkaMessage, PoisonError } from "../../common/kafka-message.ts";
import { type ImageResult, imageHeaders } from "../contract.ts";
import type { Classification } from "./classifier.ts";

/** What the headers of an image say about it; see {@link ImageResult}. */
export type Origin = Pick<
  ImageResult,
  "id" | "producer" | "device" | "seq" | "label" | "scheduledUs" | "sentUs"
>;

/**
 * Reads the headers of a message on `images`.
 *
 * @throws PoisonError that names the first header which is missing or wrong
 */
export function readOrigin(message: KafkaMessage): Origin {
  return {
    id: text(message, imageHeaders.id),
    producer: text(message, imageHeaders.producer),
    device: integer(message, imageHeaders.device),
    seq: integer(message, imageHeaders.seq),
    label: headerText(message, imageHeaders.label) ?? null,
    scheduledUs: integer(message, imageHeaders.scheduledUs),
    sentUs: integer(message, imageHeaders.sentUs),
  };
}

function text(message: KafkaMessage, name: string): string {
  const value = headerText(message, name);
  if (!value) throw new PoisonError(`header ${name} is missing`);
  return value;
}

function integer(message: KafkaMessage, name: string): number {
  const value = text(message, name);
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number)) {
    throw new PoisonError(`header ${name} is ${JSON.stringify(value.slice(0, 40))}, not a whole number`);
  }
  return number;
}

/** The message for `image-results`. @param pickedUs when the classifier took the image up, µs of its own clock */
export function toResult(origin: Origin, classification: Classification, pickedUs: number): ImageResult {
  const { model, top, inferenceMs, batch } = classification;
  return { ...origin, model, top, pickedUs, inferenceMs, batch };
}
