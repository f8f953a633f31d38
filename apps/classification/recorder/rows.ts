import { z } from "zod";
import { headerText, type KafkaMessage, PoisonError } from "../../common/kafka-message.ts";
import { count, text, validated, whole } from "../../common/validated.ts";
import { imageHeaders } from "../contract.ts";
import { parseResult } from "../result.ts";

/** A row of table `images`; times are µs since the epoch on the producer's clock. */
export interface ImageRow {
  readonly id: string;
  readonly producer: string;
  readonly device: number;
  readonly seq: number;
  readonly label: string | null;
  readonly contentType: string;
  readonly bytes: Buffer;
  readonly scheduledUs: number;
  readonly sentUs: number;
}

/** A row of table `results`; the time is µs since the epoch on the classifier's clock. */
export interface ResultRow {
  readonly imageId: string;
  readonly model: string;
  readonly predicted: string;
  readonly score: number;
  /** JSON text. */
  readonly top: string;
  readonly inferenceMs: number;
  readonly batch: number;
  readonly pickedUs: number;
}

const present = z.string("is missing");
const digits = present.regex(/^\d{1,16}$/, "is not a whole number").transform(Number);

const headersSchema = z.object({
  id: present.pipe(text.min(1)),
  producer: present.pipe(text.min(1)),
  device: digits.pipe(count),
  seq: digits.pipe(whole),
  label: text.nullable(),
  contentType: text,
  scheduledUs: digits.pipe(whole),
  sentUs: digits.pipe(whole),
});

/**
 * The row for a message on `images`.
 * @throws {PoisonError} when it has no image, one above `maxBytes`, or headers that are missing or wrong
 */
export function imageRow(message: KafkaMessage, maxBytes: number): ImageRow {
  const bytes = message.value;
  if (bytes === undefined || bytes.length === 0) throw new PoisonError("the message has no image");
  if (bytes.length > maxBytes) {
    throw new PoisonError(`the image has ${bytes.length} bytes; ${maxBytes} are allowed`);
  }
  const header = (name: string) => headerText(message, name);
  const headers = validated("headers", headersSchema, {
    id: header(imageHeaders.id),
    producer: header(imageHeaders.producer),
    device: header(imageHeaders.device),
    seq: header(imageHeaders.seq),
    label: header(imageHeaders.label) ?? null,
    contentType: header(imageHeaders.contentType) ?? "application/octet-stream",
    scheduledUs: header(imageHeaders.scheduledUs),
    sentUs: header(imageHeaders.sentUs),
  });
  return { ...headers, bytes };
}

/**
 * The row for a message on `image-results`.
 * @throws {PoisonError} when it is no {@link ImageResult} in JSON
 */
export function resultRow(message: KafkaMessage): ResultRow {
  const { id: imageId, model, top, inferenceMs, batch, pickedUs } = parseResult(message.value);
  const [best] = top;
  if (best === undefined) throw new PoisonError("result: top is empty");
  const { label: predicted, score } = best;
  return { imageId, model, predicted, score, top: JSON.stringify(top), inferenceMs, batch, pickedUs };
}
