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

/** A row of table `results`; times are µs since the epoch, `pickedUs` on the classifier's clock, `sentUs` its image's. */
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
  readonly sentUs: number;
}

/** Which images are stored by when they were sent, ms since the epoch: hours outside have no partition. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How far ahead of the recorder's clock a producer's may be, ms. */
const aheadMs = 86_400_000;

/** What is stored now, when so many ms are kept. */
export function windowOf(nowMs: number, keptMs: number): Window {
  return { fromMs: nowMs - keptMs, toMs: nowMs + aheadMs };
}

/** @throws {PoisonError} when the image was sent outside the window */
function checkSent(sentUs: number, { fromMs, toMs }: Window): void {
  const sentMs = sentUs / 1000;
  if (sentMs >= fromMs && sentMs <= toMs) return;
  const at = new Date(sentMs).toISOString();
  throw new PoisonError(
    sentMs < fromMs ? `sent at ${at}, before what is kept` : `sent at ${at}: its sender's clock is ahead`,
  );
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
 * @throws {PoisonError} when it has no image, one above `maxBytes`, headers that are missing or wrong, or was not sent
 *   within the window
 */
export function imageRow(message: KafkaMessage, maxBytes: number, window: Window): ImageRow {
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
  checkSent(headers.sentUs, window);
  return { ...headers, bytes };
}

/**
 * The row for a message on `image-results`.
 * @throws {PoisonError} when it is no {@link ImageResult} in JSON, or its image was not sent within the window
 */
export function resultRow(message: KafkaMessage, window: Window): ResultRow {
  const { id: imageId, model, top, inferenceMs, batch, pickedUs, sentUs } = parseResult(message.value);
  checkSent(sentUs, window);
  const [best] = top;
  if (best === undefined) throw new PoisonError("result: top is empty");
  const { label: predicted, score } = best;
  return { imageId, model, predicted, score, top: JSON.stringify(top), inferenceMs, batch, pickedUs, sentUs };
}
