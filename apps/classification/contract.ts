import { messageOverheadBytes, type TopicDefinition } from "../common/topics.ts";

const MiB = 1024 * 1024;
const day = 24 * 60 * 60 * 1000;

/** What config may change about the pipeline's topics; what is left out has the defaults of the definitions below. */
export interface TopicSizes {
  readonly partitions?: number;
  readonly retentionMs?: number;
  /** Bytes of one partition of `images`; results are smaller and get half. */
  readonly retentionBytes?: number;
  /** Largest image, in bytes. */
  readonly maxImageBytes?: number;
}

/** Names that never change; apps use these, whatever the sizes. */
export const topicNames = { images: "images", results: "image-results" } as const;

/** Groups that read those topics, unless an app is told another name. Producers read results by groups of their own. */
export const consumerGroups = {
  classifier: "classification-classifier",
  recorder: "classification-recorder",
} as const;

/** The group that reads results beside a recorder's group, which reads images: each goes on without the other. */
export const resultsGroup = (group: string): string => `${group}-results`;

/** How images arrive: at equal intervals, or at random as from many independent devices (a Poisson process). */
export const arrivalKinds = ["fixed", "poisson"] as const;
export type Arrivals = (typeof arrivalKinds)[number];

/** The topics of the pipeline; each has a dead-letter topic beside it. */
export function imagesTopics(sizes: TopicSizes = {}): readonly TopicDefinition[] {
  const { partitions = 6, retentionMs = day, retentionBytes = 256 * MiB, maxImageBytes = 4 * MiB } = sizes;
  return [
    /** Images as the devices send them; headers: {@link imageHeaders}. */
    {
      name: topicNames.images,
      key: "image id, UTF-8: <producer>.<start of the producer, ms, base 36>.<sequence number>",
      value: "one encoded image (PNG from the simulated devices)",
      partitions,
      retentionMs,
      retentionBytes,
      maxMessageBytes: maxImageBytes + messageOverheadBytes,
    },
    /** What the classifier made of each image. */
    {
      name: topicNames.results,
      key: "image id, UTF-8; the partition is the one that the image's sender reads, where it says so",
      value: "ImageResult as JSON",
      partitions,
      retentionMs,
      retentionBytes: Math.floor(retentionBytes / 2),
      // Brokers that take no larger image take no larger batch of results either.
      maxMessageBytes: Math.min(MiB, maxImageBytes + messageOverheadBytes),
    },
  ];
}

/** Names of the headers of a message on `images`; the values are UTF-8 text. */
export const imageHeaders = {
  id: "id",
  producer: "producer",
  /** Number of the simulated device, from 0. */
  device: "device",
  /** Number of the image in this run of the producer, from 0. */
  seq: "seq",
  /** What the image shows (fine label name). */
  label: "label",
  contentType: "content-type",
  /** Partition of `image-results` that the sender reads; its result goes there, so that each reads its own. */
  resultsPartition: "results-partition",
  /** When the image was due, µs of the producer's own clock (`performance.timeOrigin + performance.now()`). */
  scheduledUs: "scheduled-us",
  /** When it was handed to the Kafka client, µs of the producer's own clock. */
  sentUs: "sent-us",
} as const;

export interface LabelScore {
  readonly label: string;
  /** Softmax probability, 0 to 1. */
  readonly score: number;
}

/** A message on `image-results`. */
export interface ImageResult {
  readonly id: string;
  readonly producer: string;
  readonly device: number;
  readonly seq: number;
  /** What the image shows according to its sender; null when the sender did not say. */
  readonly label: string | null;
  /** Name of the model that classified it. */
  readonly model: string;
  /** The five most likely labels, likeliest first (fewer if the model knows fewer). */
  readonly top: readonly LabelScore[];
  /** As in the image's headers: µs of the producer's clock. */
  readonly scheduledUs: number;
  /** As in the image's headers: µs of the producer's clock. */
  readonly sentUs: number;
  /** When the classifier took the image up: µs of the classifier's clock, not to be compared with the producer's. */
  readonly pickedUs: number;
  /** How long the model worked on the batch that the image was in, ms; a duration, so the same on any clock. */
  readonly inferenceMs: number;
  /** Number of images in that batch. */
  readonly batch: number;
}
