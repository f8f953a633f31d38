import { z } from "zod";
import { messageOf } from "../../apps/common/errors.ts";
import { checkInputs } from "../../lib/provider/check.ts";
import type { ResourceHandler } from "../../lib/provider/handler.ts";
import { reachShape, withAdmin } from "./kafka-reach.ts";

const inputs = z.strictObject({
  ...reachShape,
  /** Topics that the lab has. */
  topics: z.array(z.string()),
  /** Those that may be deleted though they hold messages. */
  discard: z.array(z.string()),
  /** Whether topics that the lab does not have any more stay in Kafka. */
  kept: z.boolean(),
});

export type KeeperInputs = z.infer<typeof inputs>;

/**
 * Lets no topic go that holds messages, unless it is given up: a topic that the lab does not have any more would be
 * deleted at the end of an update. Asks Kafka in the preview already, and before an update changes anything. A lab that
 * is taken down is not asked: that goes with all its data.
 */
export const topicKeeperHandler: ResourceHandler<KeeperInputs, KeeperInputs> = {
  check: (news) => checkInputs(inputs, news),
  diff: ({ inputs: olds }, news) => ({
    changes: Object.fromEntries(
      (["topics", "discard", "kept"] as const)
        .filter((property) => String(sorted(olds[property])) !== String(sorted(news[property])))
        .map((property) => [property, "update" as const]),
    ),
  }),
  refuse: ({ inputs: olds }, news) => refuseLosses(olds, news),
  create: async (news) => ({ id: "topics", outputs: news }),
  read: async (id, outputs, olds) => (outputs === undefined ? undefined : { id, outputs, inputs: olds }),
  update: async (_id, { inputs: olds }, news) => {
    // Once more: an update may come long after its preview.
    await refuseLosses(olds, news);
    return news;
  },
  delete: async () => {},
};

const sorted = <T>(value: T) => (Array.isArray(value) ? value.toSorted() : value);

/** Topics that an update would delete and that nobody has given up. */
export function topicsGoing(olds: KeeperInputs, news: KeeperInputs): string[] {
  if (olds.kept) return [];
  return olds.topics.filter((topic) => !news.topics.includes(topic) && !news.discard.includes(topic));
}

async function refuseLosses(olds: KeeperInputs, news: KeeperInputs): Promise<void> {
  const going = topicsGoing(olds, news);
  if (going.length === 0) return;
  const held = await withAdmin(news, (admin) => admin.messages(going)).catch((error: unknown) => {
    throw new Error(
      `topics ${going.join(", ")} would be deleted, and whether they hold messages is not known: ${messageOf(error)}\n` +
        `  fix: ./scripts/start, then the same again; or, if what is in them may be lost: ${givenUp(news, going)}`,
      { cause: error },
    );
  });
  const losses = [...held].filter(([, messages]) => messages > 0n);
  if (losses.length === 0) return;
  const told = losses.map(([topic, messages]) => `${topic} (${messages} messages)`).join(", ");
  const lost = losses.map(([topic]) => topic);
  throw new Error(
    `these topics would be deleted, with what is in them: ${told}\n` +
      "  fix: leave their pipeline on; or, to keep them in Kafka while it is off, switch it on again and first of all: ./scripts/pulumi config set keepData true && ./scripts/up\n" +
      `  fix: or, if what is in them may be lost: ${givenUp(news, lost)}`,
  );
}

function givenUp({ discard }: KeeperInputs, topics: readonly string[]): string {
  return `./scripts/pulumi config set discardTopics '${JSON.stringify([...new Set([...discard, ...topics])])}'`;
}
