import { nowUs } from "../../common/clock.ts";
import { type KafkaMessage, PoisonError, type Rejection } from "../../common/kafka-message.ts";
import type { KafkaProducer } from "../../common/kafka-producer.ts";
import { topicNames } from "../contract.ts";
import type { Classification, Classifier } from "./classifier.ts";
import { type Origin, readOrigin, resultsPartition, toResult } from "./messages.ts";
import { NotAnImage } from "./preprocess.ts";
import type { StageLog } from "./stages.ts";

interface Parsed {
  readonly origin: Origin;
  /** Where its sender awaits the result. */
  readonly partition: number | undefined;
}

interface Classified extends Parsed {
  readonly message: KafkaMessage;
  readonly result: Classification;
  readonly classifiedUs: number;
}

/**
 * Classifies a batch of messages from `images` and sends each result, under the key of its image, as soon as it and those
 * before it are there: results of one key keep the order of its images. Resolves when all in-sync replicas have every
 * result, so that offsets may be committed.
 *
 * @returns what is no image or lacks what a result must say, with the reason
 */
export async function classifyMessages(
  messages: readonly KafkaMessage[],
  classifier: Classifier,
  results: Pick<KafkaProducer, "send">,
  stages: Pick<StageLog, "push">,
): Promise<readonly Rejection[]> {
  const pickedUs = nowUs();
  const one = async (message: KafkaMessage): Promise<Rejection | Classified> => {
    const parsed = tryParse(message);
    if (parsed instanceof PoisonError) return { message, reason: parsed.message };
    const result = await classifier.classify("kafka", message.value ?? Buffer.alloc(0));
    if (result instanceof NotAnImage) return { message, reason: `not an image: ${result.message}` };
    return { ...parsed, message, result, classifiedUs: nowUs() };
  };
  const classified = messages.map((message) => heeded(one(message)));
  const rejections: Rejection[] = [];
  const sends: Promise<void>[] = [];
  for (const image of classified) {
    const outcome = await image;
    if (!("result" in outcome)) {
      rejections.push(outcome);
      continue;
    }
    const { message, origin, partition, result, classifiedUs } = outcome;
    const { id } = origin;
    const value = JSON.stringify(toResult(origin, result, pickedUs));
    const sending = results
      .send({ topic: topicNames.results, key: message.key ?? id, partition, value })
      .then(() =>
        stages.push({ id, pickedUs, classifiedUs, inferenceMs: result.inferenceMs, resultAckedUs: nowUs() }),
      );
    sends.push(heeded(sending));
  }
  await Promise.all(sends);
  return rejections;
}

/** A promise that is awaited later, after others: one that fails before its turn is not one that nobody heeds. */
function heeded<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

function tryParse(message: KafkaMessage): Parsed | PoisonError {
  try {
    return { origin: readOrigin(message), partition: resultsPartition(message) };
  } catch (error) {
    if (error instanceof PoisonError) return error;
    throw error;
  }
}
