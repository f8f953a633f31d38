import { z } from "zod";
import { messageOf } from "../../apps/common/errors.ts";
import type { TopicState } from "../../apps/common/kafka-admin.ts";
import { kafkaTopicPattern } from "../../apps/common/topics.ts";
import { checkInputs } from "../../lib/provider/check.ts";
import { changedPaths } from "../../lib/provider/diff.ts";
import type { ResourceHandler } from "../../lib/provider/server.ts";
import { reachShape, withAdmin } from "./kafka-reach.ts";

const inputs = z.strictObject({
  ...reachShape,
  name: z.string().regex(kafkaTopicPattern, "must be 1 to 249 letters, digits, dots, underscores or hyphens"),
  partitions: z.int().min(1),
  replication: z.int().min(1),
  /** Topic settings by Kafka's own names, such as `retention.ms`; what is left out has the brokers' default. */
  config: z.record(z.string(), z.string()),
});

export type TopicInputs = z.infer<typeof inputs>;
export type TopicOutputs = TopicInputs;

/** How long one operation waits for leaders, replicas or a reassignment before it fails. */
const waitMs = 180_000;

export const topicHandler: ResourceHandler<TopicInputs, TopicOutputs> = {
  check: (news) => checkInputs(inputs, news),
  diff: ({ inputs: olds, outputs }, news) => {
    refuseFewerPartitions(olds, news);
    return { changes: topicChanges(outputs, news) };
  },
  create: async (news) => {
    const outputs = await withAdmin(news, async (admin) => {
      const found = await admin.describeTopic(news.name);
      if (found !== undefined && !matches(found, news)) {
        throw new Error(
          `topic ${news.name} exists already with ${found.partitions} partitions and replication ${found.replication}, ` +
            `not ${news.partitions} and ${news.replication}\n  fix: set the stack's config to what is there, or delete the topic`,
        );
      }
      // One that a lab with kept data left behind has the settings of that lab.
      if (found === undefined) await admin.createTopic(news);
      else await admin.setTopicConfig(news.name, news.config);
      await admin.awaitTopic(news, waitMs);
      return news;
    });
    return { id: news.name, outputs };
  },
  read: async (id, outputs, olds, context) => {
    if (outputs === undefined) return undefined;
    try {
      const found = await withAdmin(outputs, (admin) => admin.describeTopic(id));
      if (found === undefined) return undefined;
      if (olds !== undefined && found.partitions > olds.partitions) {
        await context.log(
          "warning",
          `topic ${id} has ${found.partitions} partitions, ${olds.partitions} are configured: somebody has added some, which stay, as Kafka can take none away`,
        );
      }
      return { id, outputs: { ...outputs, ...found }, inputs: olds };
    } catch (error) {
      // A cluster that lacks brokers cannot tell, and the update that brings them back must not fail of it.
      const reason = messageOf(error);
      await context.log("warning", `topic ${id} cannot be looked at and is taken to be as it was: ${reason}`);
      return { id, outputs, inputs: olds };
    }
  },
  update: async (_id, _olds, news) =>
    withAdmin(news, async (admin) => {
      // Asked anew: an update that failed half-way has done some of this already.
      const found = await admin.describeTopic(news.name);
      if (found === undefined)
        throw new Error(`topic ${news.name} is gone\n  fix: ./scripts/pulumi up --refresh`);
      if (news.partitions > found.partitions) await admin.addPartitions(news.name, news.partitions);
      if (news.replication !== found.replication) {
        await admin.setReplication(news.name, news.replication, waitMs);
      }
      await admin.setTopicConfig(news.name, news.config);
      const outputs = { ...news, partitions: Math.max(news.partitions, found.partitions) };
      await admin.awaitTopic(outputs, waitMs);
      return outputs;
    }),
  delete: async (id, outputs) => {
    await withAdmin(outputs, (admin) => admin.deleteTopic(id, waitMs));
  },
};

/** Kafka cannot take partitions away, and to make the topic anew would be to lose what is in it. */
function refuseFewerPartitions(olds: TopicInputs, news: TopicInputs): void {
  if (olds.name !== news.name || !(news.partitions < olds.partitions)) return;
  throw new Error(
    `topic ${news.name} has ${olds.partitions} partitions, of which Kafka can take none away: ${news.partitions} would mean to delete it with its messages\n` +
      `  fix: set the config key that ends in .partitions back to ${olds.partitions}; or, to lose what is in the topic, switch its pipeline off, run ./scripts/up, and switch it on with ${news.partitions}`,
  );
}

/**
 * What an update to `news` would change, by property. Partitions that somebody has added by hand stay; a different way
 * to reach the same brokers changes nothing about the topic itself.
 */
export function topicChanges(olds: TopicOutputs, news: TopicInputs): Record<string, "update" | "replace"> {
  const changes: Record<string, "update" | "replace"> = {};
  if (olds.name !== news.name) changes.name = "replace";
  if (olds.partitions < news.partitions) changes.partitions = "update";
  if (olds.replication !== news.replication) changes.replication = "update";
  if (olds.bootstrapServers.join() !== news.bootstrapServers.join()) changes.bootstrapServers = "update";
  if (changedPaths(olds.access, news.access).length > 0) changes.access = "update";
  for (const key of new Set([...Object.keys(olds.config), ...Object.keys(news.config)])) {
    if (olds.config[key] !== news.config[key]) changes[`config["${key}"]`] = "update";
  }
  return changes;
}

function matches(found: TopicState, wanted: TopicInputs): boolean {
  return found.partitions === wanted.partitions && found.replication === wanted.replication;
}
