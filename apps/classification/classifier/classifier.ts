import { Batcher } from "../../common/batcher.ts";
import { batchBuckets, latencyBuckets, type Metrics } from "../../common/metrics.ts";
import type { Inference } from "./inference.ts";
import type { Score } from "./labels.ts";
import { decode, NotAnImage } from "./preprocess.ts";

/** What the model made of one image. */
export interface Classification {
  /** Name of the model. */
  readonly model: string;
  /** The five likeliest labels, the likeliest first. */
  readonly top: readonly Score[];
  /** How long the model worked on the batch that the image was in, ms. */
  readonly inferenceMs: number;
  /** Images in that batch. */
  readonly batch: number;
}

/** Where an image came from. */
export type Source = "kafka" | "http";

/** From encoded images to labels; Kafka and HTTP share one, so that their images share batches. */
export interface Classifier {
  /**
   * Classifies an encoded image, together with others that come while the model is busy. Images that are handed over in
   * one turn of the event loop and are decoded within it are one batch; the others join the model as soon as they are
   * decoded, so that it works while they are.
   * @returns NotAnImage for bytes that are none
   * @throws when the model fails
   */
  classify(source: Source, image: Uint8Array): Promise<Classification | NotAnImage>;
}

export interface ClassifierOptions {
  readonly inference: Inference;
  readonly metrics: Metrics;
  readonly maxBatch: number;
  readonly maxPixels: number;
}

export function createClassifier({ inference, metrics, maxBatch, maxPixels }: ClassifierOptions): Classifier {
  const { card } = inference;
  const names = ["source"] as const;
  const seconds = metrics.histogram("inference_seconds", "Time of one run of the model.", latencyBuckets);
  const sizes = metrics.histogram("inference_batch_images", "Images in one run of the model.", batchBuckets);
  const classified = metrics.counter("images_classified_total", "Images classified.", names);
  const rejected = metrics.counter("images_rejected_total", "What was sent as an image and is none.", names);
  for (const counter of [classified, rejected]) {
    for (const source of ["kafka", "http"] as const) counter.inc({ source }, 0);
  }

  const batcher = new Batcher<Uint8Array, Omit<Classification, "batch">>(async (images) => {
    const { scores, inferenceMs } = await inference.classify(images);
    seconds.observe(inferenceMs / 1000);
    sizes.observe(images.length);
    return scores.map((top) => ({ model: card.name, top, inferenceMs }));
  }, maxBatch);

  const decodeOne = async (bytes: Uint8Array): Promise<Uint8Array | NotAnImage> => {
    try {
      return await decode(bytes, card.input, maxPixels);
    } catch (error) {
      if (error instanceof NotAnImage) return error;
      throw error;
    }
  };

  return {
    async classify(source, image) {
      const pixels = await decodeOne(image);
      if (pixels instanceof NotAnImage) {
        rejected.inc({ source });
        return pixels;
      }
      const { result, batch } = await batcher.submit(pixels);
      classified.inc({ source });
      return { ...result, batch };
    },
  };
}
