import { basename } from "node:path";
import { grayscaleTopics, topicNames } from "../../../apps/grayscale/contract.ts";
import { processorEnv } from "../../../apps/grayscale/processor/env.ts";
import { writerEnv } from "../../../apps/grayscale/writer/env.ts";
import { frameHeaders } from "../../../apps/media/frame.ts";
import { videoProducerEnv } from "../../../apps/video/producer/env.ts";
import type { Probe } from "../../../lib/probe.ts";
import type { CoreConfig, KeyOf, Settings } from "../../config/schema.ts";
import { appImage } from "../../plan/images.ts";
import type { PipelinePlan, ServicePlan, TopicPlan } from "../../plan/parts.ts";
import { frameProducerImage, mediaImage, probeFrame } from "../media.ts";
import type { keys } from "./config.ts";

type Own = Settings<typeof keys>;
type Key = KeyOf<"grayscale", typeof keys>;

const KB = 1024;
const MB = 1024 * KB;
/** The sample that the producer's image brings, a few seconds of FFmpeg's test picture. */
const samplePath = "/sample/sample.avi";
const folderName = "grayscale-folder";
const writerName = "grayscale-writer-1";
/** The group of the writer, which has the processed frames for itself. */
const writerGroup = "video-writer";

/**
 * A video file through Kafka: a producer sends its frames, the processors of each step share them, and a writer makes
 * `output_video.avi` of what they made, with the rate and number of frames of the file.
 */
export function planGrayscale(own: Own, core: CoreConfig): PipelinePlan<Key> {
  const processors = own.steps.flatMap((step) =>
    Array.from({ length: own.processors }, (_, index) => processor(own, step, index + 1)),
  );
  const receivers = [writer(own), ...processors];
  const [first, ...others] = receivers;
  return {
    topics: topics(own, core),
    // Writer and producer first: each has the same port however many processors there are.
    services: [
      ...(first === undefined ? [] : [first]),
      producer(
        own,
        receivers.map(({ name }) => name),
      ),
      ...others,
    ],
    probes: probes(own),
    outputs: (at) => ({ grayscaleFolder: at.folder(folderName) }),
    hints: (at) => [{ run: `ffplay ${at.folder(folderName)}/output_video.avi`, here: true }],
  };
}

function topics(own: Own, { kafka }: CoreConfig): TopicPlan<Key>[] {
  const maxFrameBytes = own.maxFrameKB * KB;
  return grayscaleTopics({
    partitions: own.partitions,
    retentionBytes: own.retentionMB * MB,
    maxFrameBytes,
    maxProcessedBytes: maxFrameBytes,
  }).map((topic) => ({
    ...topic,
    replication: kafka.replication,
    minInsync: kafka.minInsync,
    retention: { key: "grayscale.retentionMB", MB: own.retentionMB },
  }));
}

/** No end of a stream is sent, so that no video comes of it: the frames wait in the writer's folder, and go in two days. */
function probes(own: Own): Probe[] {
  return [
    {
      topic: topicNames.frames,
      key: "{run}-{lane}",
      ...probeFrame(topicNames.frames, "jpeg"),
      id: { headers: [frameHeaders.run, frameHeaders.seq] },
      ends: own.steps.map((step) => ({
        kind: "files" as const,
        service: writerName,
        path: `/output/.work/{run}-*-${step}-*/*.jpg`,
        number: "/(\\d+)\\.jpg$",
      })),
    },
  ];
}

function common(own: Own) {
  return {
    memory: { MB: own.memoryMB, key: "grayscale.memoryMB", least: 256 },
    http: { port: own.port, key: "grayscale.port" },
  } as const;
}

function consumerVariables(own: Own) {
  return {
    KAFKA_SESSION_TIMEOUT_MS: own.sessionTimeoutMs,
    KAFKA_HEARTBEAT_INTERVAL_MS: own.heartbeatMs,
    KAFKA_MAX_POLL_INTERVAL_MS: own.maxPollMs,
  };
}

function writer(own: Own): ServicePlan<Key> {
  return {
    ...common(own),
    name: writerName,
    role: "writer",
    image: appImage("grayscale-writer", mediaImage),
    uses: { reads: [{ topic: topicNames.processed, group: writerGroup }] },
    files: [{ kind: "folder", name: folderName, folder: own.outputFolder, path: "/output" }],
    env: (at) =>
      writerEnv.format({
        KAFKA_BOOTSTRAP_SERVERS: at.bootstrapServers,
        ...consumerVariables(own),
        ...at.http,
        KAFKA_CONSUMER_GROUP_ID: writerGroup,
      }),
  };
}

function processor(own: Own, step: Own["steps"][number], number: number): ServicePlan<Key> {
  const name = `grayscale-${step}-${number}`;
  // One group shares the video; a group for each step has all steps see all of it.
  const group = step === "grayscale" ? "video-group" : `video-group-${step}`;
  return {
    ...common(own),
    name,
    role: "processor",
    image: appImage("grayscale-processor", mediaImage),
    uses: { reads: [{ topic: topicNames.frames, group }], writes: [topicNames.processed] },
    env: (at) =>
      processorEnv.format({
        KAFKA_BOOTSTRAP_SERVERS: at.bootstrapServers,
        ...consumerVariables(own),
        ...at.http,
        PROCESSOR_NAME: name,
        KAFKA_CONSUMER_GROUP_ID: group,
        STEP: step,
        MAX_PROCESSED_BYTES: own.maxFrameKB * KB,
      }),
  };
}

/** @param after the first frame should find these, so that the whole video is timed as it is worked off */
function producer(own: Own, after: readonly string[]): ServicePlan<Key> {
  const { file } = own;
  const path = file === "" ? samplePath : `/input/${basename(file)}`;
  return {
    ...common(own),
    name: "grayscale-producer-1",
    role: "producer",
    image: frameProducerImage,
    uses: { writes: [topicNames.frames], services: after },
    ...(file === "" ? {} : { files: [{ kind: "file", file, key: "grayscale.file", path }] }),
    env: (at) =>
      videoProducerEnv.format({
        KAFKA_BOOTSTRAP_SERVERS: at.bootstrapServers,
        ...at.http,
        PRODUCER_NAME: "grayscale-producer-1",
        CAMERAS: [
          {
            name: "file",
            topic: topicNames.frames,
            format: "jpeg",
            keyedBy: "frame",
            maxFrameKB: own.maxFrameKB,
            source: { type: "file", path, loop: false, pace: own.pace },
          },
        ],
      }),
  };
}
