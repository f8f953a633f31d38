import { headerText, integerHeader, type KafkaMessage, textHeader } from "../../common/kafka-message.ts";
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
    id: textHeader(message, imageHeaders.id),
    producer: textHeader(message, imageHeaders.producer),
    device: integerHeader(message, imageHeaders.device),
    seq: integerHeader(message, imageHeaders.seq),
    label: headerText(message, imageHeaders.label) ?? null,
    scheduledUs: integerHeader(message, imageHeaders.scheduledUs),
    sentUs: integerHeader(message, imageHeaders.sentUs),
  };
}

/** The partition of `image-results` that the sender of an image reads; undefined when it does not say. */
export function resultsPartition(message: KafkaMessage): number | undefined {
  return headerText(message, imageHeaders.resultsPartition) === undefined
    ? undefined
    : integerHeader(message, imageHeaders.resultsPartition);
}

/** The message for `image-results`. @param pickedUs when the classifier took the image up, µs of its own clock */
export function toResult(origin: Origin, classification: Classification, pickedUs: number): ImageResult {
  const { model, top, inferenceMs, batch } = classification;
  return { ...origin, model, top, pickedUs, inferenceMs, batch };
}
