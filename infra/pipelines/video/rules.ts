import { messageOverheadBytes } from "../../../apps/common/topics.ts";
import { maxFrameMessageBytes } from "../../../apps/media/frame.ts";
import { type Clash, change } from "../../config/clash.ts";
import type { CoreConfig } from "../../config/schema.ts";
import { formatsOf, type Key, type Own, plannedCameras, plannedConsumers } from "./cameras.ts";

/** What is wrong with keys of the pipeline. */
export function videoClashes(own: Own, core: CoreConfig): Clash<Key>[] {
  return [
    ...replicationFits(own, core),
    ...topicsHaveOneFormat(own),
    ...framesFitRequests(own),
    ...consumersHaveTopics(own),
  ];
}

function replicationFits({ replication }: Own, { kafka: { brokers } }: CoreConfig): Clash<Key>[] {
  if (replication <= brokers) return [];
  return [
    {
      key: "video.replication",
      reason: `must be at most kafka.brokers, which is ${brokers}: every replica is on a broker of its own`,
      changes: [change("video.replication", brokers), change("kafka.brokers", replication)],
    },
  ];
}

function topicsHaveOneFormat(own: Own): Clash<Key>[] {
  const cameras = plannedCameras(own);
  const formats = formatsOf(cameras);
  const mixed = new Set(
    cameras.filter(({ topic, format }) => formats.get(topic) !== format).map(({ topic }) => topic),
  );
  if (mixed.size === 0) return [];
  return [
    {
      key: "video.cameras",
      reason: `has cameras of different formats on one topic: ${[...mixed].join(", ")}; one topic has one format`,
      changes: [change("video.cameras", "")],
    },
  ];
}

/** Kafka's largest request, bytes; kafka.maxMessageKB goes no further. */
const largestRequest = 102_400 * 1024;

/** Base64 can make a frame larger than any message. */
function framesFitRequests(own: Own): Clash<Key>[] {
  const most = largestRequest - messageOverheadBytes;
  const tooLarge = plannedCameras(own).filter(
    ({ format, maxFrameKB }) => maxFrameMessageBytes(format, maxFrameKB * 1024) > most,
  );
  if (tooLarge.length === 0) return [];
  return [
    {
      key: "video.cameras",
      reason: `has cameras whose largest frame makes a message of more than 100 MB, in Base64 in the format json: ${tooLarge.map(({ name, maxFrameKB }) => `${name} (${maxFrameKB} KB)`).join(", ")}`,
      changes: [change("video.cameras", "")],
    },
  ];
}

/** What reads a topic has something to read. */
function consumersHaveTopics(own: Own): Clash<Key>[] {
  const topics = new Set(plannedCameras(own).map(({ topic }) => topic));
  const idle = plannedConsumers(own).filter(({ topic }) => !topics.has(topic));
  if (idle.length === 0) return [];
  return [
    {
      key: "video.consumers",
      reason: `reads topics that no camera sends to: ${idle.map(({ name, topic }) => `${name} reads ${topic}`).join(", ")}; the cameras send to ${[...topics].join(", ")}`,
      changes: [change("video.consumers", "")],
    },
  ];
}
