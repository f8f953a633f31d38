import { z } from "zod";
import { messageOf } from "../../apps/common/errors.ts";
import type { KafkaAdmin } from "../../apps/common/kafka-admin.ts";
import { changed, type Placed, spread } from "../../apps/common/reassign.ts";
import { pause } from "../../apps/common/retry.ts";
import { checkInputs } from "../../lib/provider/check.ts";
import { type Context, PartialFailure, type ResourceHandler } from "../../lib/provider/handler.ts";
import { reachShape, withAdmin } from "./kafka-reach.ts";

const inputs = z.strictObject({
  ...reachShape,
  /** The brokers that are to have all replicas, and the host of each. */
  brokers: z.array(z.strictObject({ id: z.int().min(0), host: z.string() })).min(1),
  /** What moving replicas may take of a broker, in each direction. */
  megabytesPerSecond: z.number().positive(),
});

export type SpreadInputs = z.infer<typeof inputs>;

export interface SpreadOutputs extends SpreadInputs {
  /** Whether replicas were on their way, or bounded as if they were, when it was last looked. */
  readonly moving: boolean;
}

const MB = 1024 * 1024;
const everyMs = 1000;
/** With no replica arriving for so long, something is wrong with a broker. */
const stuckMs = 600_000;
/** Rounds after which topics that keep coming are not waited for any more. */
const mostRounds = 5;

/**
 * Which brokers have the partitions of a cluster. When brokers come, they get their share; when some go, theirs is given
 * to the others, and since Pulumi deletes what is no more at the end of an update, that is done before they are removed.
 * What an update that was cut short has begun goes on in Kafka, and the next update waits for it.
 */
export const spreadHandler: ResourceHandler<SpreadInputs, SpreadOutputs> = {
  check: (news) => checkInputs(inputs, news),
  diff: ({ inputs: olds, outputs }, news) => ({
    changes: {
      ...(idsOf(olds).join() === idsOf(news).join() ? {} : { brokers: "update" as const }),
      ...(outputs.moving === true ? { moving: "update" as const } : {}),
    },
  }),
  refuse: async (_olds, news) => {
    // A preview of a lab that is not there can tell nothing of it; the update itself then fails by that.
    const partitions = await withAdmin(news, (admin) => admin.partitions()).catch(() => []);
    wanted(partitions, news);
  },
  create: async (news, context) => {
    await withAdmin(news, async (admin) => {
      if (isStranded(await admin.partitions(), news)) await spreadAll(admin, news, context);
    });
    return { id: "replicas", outputs: { ...news, moving: false } };
  },
  read: async (id, outputs, olds, context) => {
    if (outputs === undefined) return undefined;
    try {
      const moving = await withAdmin(outputs, async (admin) =>
        (await admin.moving()).length > 0 ? true : (await admin.throttled()).length > 0,
      );
      return { id, outputs: { ...outputs, moving }, inputs: olds };
    } catch (error) {
      // A cluster that lacks brokers cannot tell, and the update that brings them back must not fail of it.
      await context.log("warning", `whether replicas are on their way is not known: ${messageOf(error)}`);
      return { id, outputs, inputs: olds };
    }
  },
  update: async (id, { inputs: olds }, news, context) => {
    try {
      await withAdmin(news, (admin) => spreadAll(admin, news, context));
    } catch (error) {
      // It has begun: another number of brokers than before must count as a change again, even the one of before.
      throw new PartialFailure(id, { ...news, moving: true }, explain(messageOf(error), olds, news));
    }
    return { ...news, moving: false };
  },
  delete: async () => {},
};

const idsOf = ({ brokers }: Pick<SpreadInputs, "brokers">): number[] =>
  brokers.map(({ id }) => id).toSorted((a, b) => a - b);

/** @throws with what mends it when replication could not hold */
function wanted(current: readonly Placed[], news: SpreadInputs): Placed[] {
  try {
    return spread(current, news.brokers);
  } catch (error) {
    const most = Math.max(...current.map(({ replicas }) => replicas.length));
    throw new Error(
      `${messageOf(error)}: what is on the others could not be made up for\n  fix: ./scripts/pulumi config set kafka.brokers ${most}`,
      { cause: error },
    );
  }
}

/** Whether replicas are on brokers that are none of these, or a broker has none: a lab with kept data may be so. */
function isStranded(current: readonly Placed[], news: SpreadInputs): boolean {
  const ids = idsOf(news);
  const used = new Set(current.flatMap(({ replicas }) => replicas));
  return (
    [...used].some((id) => !ids.includes(id)) ||
    (current.length >= ids.length && ids.some((id) => !used.has(id)))
  );
}

/** Moves replicas until they are where they should be, those that another update has sent on their way included. */
async function spreadAll(admin: KafkaAdmin, news: SpreadInputs, context: Context): Promise<void> {
  for (let round = 0; round < mostRounds; round += 1) {
    const current = await settled(admin);
    const moves = changed(current, wanted(current, news));
    if (moves.length > 0) {
      const topics = [...new Set(moves.map(({ topic }) => topic))];
      await admin.throttle(topics, news.megabytesPerSecond * MB);
      await admin.move(moves);
    }
    await arrived(admin, context);
    const bounded = await admin.throttled();
    if (bounded.length > 0) await admin.unthrottle(bounded);
    if (moves.length === 0) return;
  }
  throw new Error("topics keep coming whose replicas are not on the brokers that are to have them");
}

/** Where replicas are, or will be once what is on its way has arrived. */
async function settled(admin: KafkaAdmin): Promise<Placed[]> {
  const coming = new Map(
    (await admin.moving()).map((one) => [`${one.topic}-${one.partition}`, one.replicas]),
  );
  return (await admin.partitions()).map(({ topic, partition, replicas }) => ({
    topic,
    partition,
    replicas: coming.get(`${topic}-${partition}`) ?? replicas,
  }));
}

async function arrived(admin: KafkaAdmin, { status, signal }: Context): Promise<void> {
  let most = 0;
  let last = Number.POSITIVE_INFINITY;
  let since = performance.now();
  for (;;) {
    const left = (await admin.moving()).length;
    if (left === 0) return;
    most = Math.max(most, left);
    if (left < last) {
      since = performance.now();
      last = left;
      await status(`moving replicas: ${most - left} of ${most} partitions are done`);
    }
    if (performance.now() - since > stuckMs) {
      throw new Error(`no partition has got its replicas for ${stuckMs / 60_000} minutes, ${left} are left`);
    }
    await pause(everyMs, signal);
  }
}

function explain(reason: string, olds: SpreadInputs, news: SpreadInputs): string {
  const going = idsOf(olds).filter((id) => !idsOf(news).includes(id));
  const kept =
    going.length === 0 ? "" : `; broker ${going.join(", ")} stays until its replicas are elsewhere`;
  return `replicas are not all where they should be: ${reason}${kept}\n  fix: ./scripts/up goes on; what has begun to move goes on by itself`;
}
