import { join } from "node:path";
import type { FrameFormat } from "../../../apps/media/frame.ts";
import { frameSaverEnv } from "../../../apps/video/frame-saver/env.ts";
import { videoRecorderEnv } from "../../../apps/video/recorder/env.ts";
import { appImage } from "../../plan/images.ts";
import type { FilePlan, ServicePlan, Wiring } from "../../plan/parts.ts";
import { mediaImage } from "../media.ts";
import { common, type Key, type Own, plannedConsumers } from "./cameras.ts";
import type { ConsumerEntry } from "./entries.ts";

/** What becomes of the frames of each topic: a service for each consumer. */
export function consumers(own: Own, formats: ReadonlyMap<string, FrameFormat>): ServicePlan<Key>[] {
  return plannedConsumers(own).map((consumer): ServicePlan<Key> => {
    const name = `video-${consumer.name}`;
    const saves = consumer.kind === "frames";
    const files = (at: Wiring) => ({
      KAFKA_BOOTSTRAP_SERVERS: at.bootstrapServers,
      ...at.http,
      KAFKA_TOPIC_NAME: consumer.topic,
      KAFKA_CONSUMER_GROUP_ID: name,
      FRAME_FORMAT: formats.get(consumer.topic) ?? "jpeg",
      RETENTION_HOURS: consumer.keepHours,
      RETENTION_MB: consumer.keepMB,
    });
    return {
      ...common(own),
      name,
      namedBy: "video.consumers",
      role: saves ? "frame-saver" : "recorder",
      image: appImage(saves ? "video-frame-saver" : "video-recorder", mediaImage),
      http: { port: own.consumerPort, key: "video.consumerPort" },
      uses: { reads: [{ topic: consumer.topic, group: name }] },
      files: [output(own, consumer.name)],
      env: (at) =>
        saves
          ? frameSaverEnv.format({ ...files(at), ...defined({ FSYNC: consumer.fsync }) })
          : videoRecorderEnv.format({ ...files(at), ...recording(consumer) }),
    };
  });
}

/** Where a consumer's files go. */
function output(own: Own, consumer: string): FilePlan<Key> {
  const path = "/output";
  if (own.outputFolder === "") return { kind: "volume", name: `video-${consumer}-files`, path };
  return {
    kind: "folder",
    name: `video-${consumer}-folder`,
    folder: join(own.outputFolder, consumer),
    key: "video.outputFolder",
    path,
  };
}

function recording(consumer: ConsumerEntry) {
  return {
    MODE: consumer.kind === "single" ? ("single" as const) : ("segments" as const),
    ...defined({
      FPS: consumer.fps,
      CONTAINER: consumer.container,
      CODEC: consumer.codec,
      SEGMENT_SECONDS: consumer.segmentSeconds,
      SEGMENT_MB: consumer.segmentMB,
    }),
  };
}

/** Without what is undefined: an app's own default then counts. */
function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
