import { deadLetterName, topicNamePattern } from "../../../apps/common/topics.ts";
import { topicNames } from "../../../apps/logistics/contract.ts";
import { type Clash, change } from "../../config/clash.ts";
import type { KeyOf, Settings } from "../../config/schema.ts";
import type { keys } from "./config.ts";

export type Own = Settings<typeof keys>;
export type Key = KeyOf<"logistics", typeof keys>;

/** What is wrong with keys of the pipeline. */
export function logisticsClashes(own: Own): Clash<Key>[] {
  return [...topicIsOne(own), ...fileTimesAreTaken(own), ...analysersHaveWork(own)];
}

/** The topic of the readings. */
export function topicOf({ topic }: Pick<Own, "topic">): string {
  return topic === "" ? topicNames.readings : topic;
}

function topicIsOne(own: Own): Clash<Key>[] {
  const topic = topicOf(own);
  const taken = [topicNames.results, deadLetterName(topicNames.results)].includes(topic);
  if (topicNamePattern.test(topic) && !taken) return [];
  return [
    {
      key: "logistics.topic",
      reason: taken
        ? `must not be ${topic}, which is the topic of the results`
        : "must be a name that Kafka takes: letters, digits, '.', '_' and '-'",
      changes: [change("logistics.topic", topicNames.readings)],
    },
  ];
}

/** A bridge that goes by its own clock would refuse times of a file that ends years ago or ahead. */
function fileTimesAreTaken({ times, sensors, csv }: Own): Clash<Key>[] {
  if (times !== "file" || sensors === 0 || csv !== "") return [];
  return [
    {
      key: "logistics.times",
      reason: "must be shifted for the demo file, whose times are those of two weeks long ago",
      changes: [change("logistics.times", "shifted")],
    },
  ];
}

function analysersHaveWork({ analysers, partitions }: Own): Clash<Key>[] {
  if (analysers <= partitions) return [];
  return [
    {
      key: "logistics.analysers",
      reason: `must be at most logistics.partitions, which is ${partitions}: a partition is read by one analyser, so the others would have nothing to do`,
      changes: [change("logistics.analysers", partitions), change("logistics.partitions", analysers)],
    },
  ];
}
