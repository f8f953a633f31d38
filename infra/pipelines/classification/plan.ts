import { classifierEnv } from "../../../apps/classification/classifier/env.ts";
import {
  consumerGroups,
  imagesTopics,
  resultsGroup,
  topicNames,
} from "../../../apps/classification/contract.ts";
import { producerEnv } from "../../../apps/classification/producer/env.ts";
import { recorderEnv } from "../../../apps/classification/recorder/env.ts";
import { messageOverheadBytes } from "../../../apps/common/topics.ts";
import type { CoreConfig, KeyOf, Settings } from "../../config/schema.ts";
import { appImage, folderImage } from "../../plan/images.ts";
import type { PipelinePlan, ServicePlan, TablesPlan, TopicPlan } from "../../plan/parts.ts";
import { steadyShare } from "../steady.ts";
import type { keys } from "./config.ts";
import { classificationProbes } from "./probes.ts";

type Own = Settings<typeof keys>;
type Key = KeyOf<"classification", typeof keys>;

const KB = 1024;
const MB = 1024 * KB;
const hourMs = 3_600_000;
/** MB of an app that holds no frames and no model. */
const smallApp = { MB: 384, least: 384 };

/**
 * What one message of the simulated devices takes in a log, upper estimates: a 32 × 32 RGB image has 3072 bytes
 * before PNG and its headers some hundred; a result is JSON with five labels.
 */
const estimatedBytes: Readonly<Record<string, number>> = {
  [topicNames.images]: 4 * KB,
  [topicNames.results]: KB,
};

/** Largest image that fits into a message of `kafka.maxMessageKB`, even when it ends as a dead letter; bytes. */
export function maxImageBytes({ kafka }: Pick<CoreConfig, "kafka">): number {
  return kafka.maxMessageKB * KB - 2 * messageOverheadBytes;
}

/**
 * Distributed image classification. Producers and classifiers are numbered from 1, so that scaling adds or removes the
 * last ones and touches no other.
 */
export function planClassification(own: Own, core: CoreConfig): PipelinePlan<Key> {
  const producers = services("producer", core.producers, (number) => producer(own, number));
  const classifiers = services("classifier", own.classifiers, (number) => classifier(own, core, number));
  return {
    topics: topics(own, core),
    services: [...classifiers, recorder(own, core), ...producers],
    tables: [tables(own, core)],
    probes: classificationProbes,
    outputs: (at) => {
      const classifierUrls = classifiers.map(({ name }) => at.url(name));
      return {
        classifierUrls,
        classifierUrl: classifierUrls[0],
        producers: producers.length,
        producerUrls: producers.map(({ name }) => at.url(name)),
      };
    },
    hints: (at) => [
      { sql: "select * from classified limit 5" },
      ...classifiers.slice(0, 1).map(({ name }) => ({
        run: `curl --data-binary @some.jpg ${at.url(name)}/classify`,
      })),
      ...producers
        .slice(0, 1)
        .flatMap(({ name }) => [{ run: `curl ${at.url(name)}/latencies` }, { key: "producers", value: "3" }]),
    ],
    excerpt:
      "SELECT id AS image, label AS truth, predicted AS answer, round(score::numeric, 3) AS score " +
      "FROM classified ORDER BY sent_at DESC LIMIT 8",
  };
}

function topics(own: Own, core: CoreConfig): TopicPlan<Key>[] {
  const { kafka, producers } = core;
  const perSecond = producers * own.rate;
  return imagesTopics({
    partitions: own.partitions,
    retentionMs: own.retentionHours * hourMs,
    retentionBytes: own.retentionMB * MB,
    maxImageBytes: maxImageBytes(core),
  }).map((topic) => {
    return {
      ...topic,
      replication: kafka.replication,
      minInsync: kafka.minInsync,
      retention: { key: "classification.retentionMB", MB: own.retentionMB },
      takesAnyMessage: true,
      bytesPerSecond: perSecond * (estimatedBytes[topic.name] ?? topic.maxMessageBytes),
    };
  });
}

/** A row takes about what its message does: indexes on the one side, a log's framing on the other. */
function tables(own: Own, { producers }: CoreConfig): TablesPlan<Key> {
  const pair = Object.values(estimatedBytes).reduce((sum, bytes) => sum + bytes, 0);
  return {
    told: "images, results",
    kept: { key: "classification.keepHours", value: own.keepHours, least: 1 },
    // What is kept no more goes by whole hours, with one of grace.
    bytes: producers * own.rate * pair * (own.keepHours + 2) * 3600,
  };
}

function services(
  role: string,
  count: number,
  of: (number: number) => Omit<ServicePlan<Key>, "name" | "role">,
): ServicePlan<Key>[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `classification-${role}-${index + 1}`,
    role,
    ...of(index + 1),
  }));
}

function classifier(own: Own, core: CoreConfig, number: number): Omit<ServicePlan<Key>, "name" | "role"> {
  return {
    image: folderImage(
      "model",
      appImage("classification-classifier"),
      own.model,
      "classification.model" satisfies Key,
    ),
    memory: { MB: own.classifierMemoryMB, key: "classification.classifierMemoryMB", least: 256 },
    ...(own.classifierCpus === 0 ? {} : { cpus: own.classifierCpus }),
    http: { port: own.classifierPort, key: "classification.classifierPort" },
    uses: {
      reads: [{ topic: topicNames.images, group: consumerGroups.classifier }],
      writes: [topicNames.results],
    },
    env: (at) =>
      classifierEnv.format({
        KAFKA_BOOTSTRAP_SERVERS: at.bootstrapServers,
        ...at.http,
        CLASSIFIER_NAME: `classifier-${number}`,
        MAX_BATCH: own.maxBatch,
        MAX_IMAGE_BYTES: maxImageBytes(core),
      }),
  };
}

function recorder(own: Own, core: CoreConfig): ServicePlan<Key> {
  return {
    name: "classification-recorder-1",
    role: "recorder",
    image: appImage("classification-recorder"),
    memory: smallApp,
    http: { port: own.recorderPort, key: "classification.recorderPort" },
    uses: {
      reads: [
        { topic: topicNames.images, group: consumerGroups.recorder },
        { topic: topicNames.results, group: resultsGroup(consumerGroups.recorder) },
      ],
      stores: ["postgres"],
    },
    // A lab that waits for devices of its user's is up without their images.
    ...(core.producers === 0 ? {} : { flows: "recorder_rows_inserted_total" }),
    env: (at) =>
      recorderEnv.format({
        KAFKA_BOOTSTRAP_SERVERS: at.bootstrapServers,
        ...at.http,
        ...at.postgres(),
        KEEP_HOURS: own.keepHours,
        MAX_IMAGE_BYTES: maxImageBytes(core),
      }),
  };
}

function producer(own: Own, number: number): Omit<ServicePlan<Key>, "name" | "role"> {
  const name = `producer-${number}`;
  const partition = (number - 1) % own.partitions;
  return {
    image: folderImage(
      "dataset",
      appImage("classification-producer"),
      own.dataset,
      "classification.dataset" satisfies Key,
    ),
    memory: smallApp,
    http: { port: own.producerPort, key: "classification.producerPort" },
    // The results come back to whoever sent the image, by its name as the group's.
    uses: { writes: [topicNames.images], reads: [{ topic: topicNames.results, group: name, partition }] },
    flows: "producer_images_received_total",
    leastPerSecond: own.rate * steadyShare,
    env: (at) =>
      producerEnv.format({
        KAFKA_BOOTSTRAP_SERVERS: at.bootstrapServers,
        ...at.http,
        PRODUCER_NAME: name,
        RESULTS_PARTITION: partition,
        IOT_NUM_DEVICES: own.devices,
        IMAGES_PER_SECOND: own.rate,
        ARRIVALS: own.arrivals,
        RESULT_TIMEOUT_MS: own.resultTimeoutMs,
      }),
  };
}
