import { z } from "zod";
import { messageOf } from "../../apps/common/errors.ts";
import type { Quorum, QuorumState } from "../../apps/common/kafka-quorum.ts";
import { pause } from "../../apps/common/retry.ts";
import { checkInputs } from "../../lib/provider/check.ts";
import { type Context, PartialFailure, type ResourceHandler } from "../../lib/provider/handler.ts";
import { connector } from "./kafka-access.ts";
import { type Reach, reachShape } from "./kafka-reach.ts";
import { isFixed, quorumStep, votersOf } from "./quorum-step.ts";

const inputs = z.strictObject({
  ...reachShape,
  /** The controllers that are to vote, and where each is reached by the others. */
  controllers: z
    .array(z.strictObject({ id: z.int().min(0), host: z.string().min(1), port: z.int().min(1).max(65_535) }))
    .min(1),
});

export type QuorumInputs = z.infer<typeof inputs>;

export interface QuorumOutputs extends QuorumInputs {
  /** Ids of those that voted when it was last looked. */
  readonly voters: readonly number[];
}

const everyMs = 500;
/** With nobody getting or losing a vote for so long, something is wrong with a controller. */
const stuckMs = 300_000;

/**
 * Who votes in a KRaft quorum of controllers beside the brokers. Those that come get their vote when they have the
 * cluster's metadata; those that go lose it, and since Pulumi deletes what is no more at the end of an update, that is
 * done before they are removed. What an update that was cut short has done is seen by the next one, which does the rest.
 */
export const quorumHandler: ResourceHandler<QuorumInputs, QuorumOutputs> = {
  check: (news) => checkInputs(inputs, news),
  diff: ({ outputs }, news) =>
    isSame(outputs.voters, idsOf(news)) ? { changes: {} } : { changes: { controllers: "update" } },
  refuse: async (_olds, news) => {
    // A preview of a cluster that does not answer can tell nothing of it; the update itself then fails by that.
    const state = await withQuorum(news, (quorum) => quorum.state()).catch(() => undefined);
    if (state !== undefined) refuseFixed(state, news);
  },
  create: async (news, context) => {
    // They vote from the first, unless volumes were kept from a cluster with others.
    await reconfigure(news, context);
    return { id: "quorum", outputs: { ...news, voters: idsOf(news) } };
  },
  read: async (id, outputs, olds, context) => {
    if (outputs === undefined) return undefined;
    try {
      const voters = votersOf(await withQuorum(outputs, (quorum) => quorum.state()));
      return { id, outputs: { ...outputs, voters }, inputs: olds };
    } catch (error) {
      // Without a leader nobody can tell, and the update that brings controllers back must not fail of it.
      await context.log("warning", `who votes in the quorum is not known: ${messageOf(error)}`);
      return { id, outputs, inputs: olds };
    }
  },
  update: async (id, { outputs: { voters } }, news, context) => {
    try {
      await reconfigure(news, context);
    } catch (error) {
      // It may have begun: who votes is looked up again, so that setting the config back counts as a change too.
      const now = await withQuorum(news, (quorum) => quorum.state()).then(votersOf, () => voters);
      throw new PartialFailure(
        id,
        { ...news, voters: now },
        `the quorum is not of controllers ${idsOf(news).join(", ")} yet: ${messageOf(error)}; nothing of what would go is removed\n` +
          "  fix: see that all controllers run (./scripts/health); then ./scripts/up goes on",
      );
    }
    return { ...news, voters: idsOf(news) };
  },
  delete: async () => {},
};

function idsOf({ controllers }: Pick<QuorumInputs, "controllers">): number[] {
  return controllers.map(({ id }) => id).toSorted((a, b) => a - b);
}

function isSame(some: readonly number[], others: readonly number[]): boolean {
  return some.toSorted((a, b) => a - b).join() === others.join();
}

/** @throws with what mends it, where who votes cannot change */
function refuseFixed(state: QuorumState, news: QuorumInputs): void {
  const are = state.voters.map(({ id }) => id);
  if (!isFixed(state) || isSame(are, idsOf(news))) return;
  throw new Error(
    `the cluster's volumes are of an earlier time (kraft.version 0), when who votes was a list in the config of each controller, which they keep: it stays controllers ${are.join(", ")}\n` +
      `  fix: ./scripts/pulumi config set kafka.controllers ${are.length}, or make a new cluster, without the old one's data: ./scripts/down with keepData false, then ./scripts/up`,
  );
}

async function withQuorum<T>(
  { bootstrapServers, access }: Reach,
  use: (quorum: Quorum) => Promise<T>,
): Promise<T> {
  // See withAdmin().
  const { quorumOf } = await import("../../apps/common/kafka-quorum.ts");
  return use(quorumOf(bootstrapServers, await connector(access)));
}

/** Changes who votes, one controller after the other, until it is those that it should be. */
async function reconfigure(news: QuorumInputs, { status, signal }: Context): Promise<void> {
  const ids = idsOf(news);
  await withQuorum(news, async (quorum) => {
    let since = performance.now();
    let reason = "";
    const waits = async (why: string) => {
      if (why !== reason) await status(why);
      reason = why;
      if (performance.now() - since > stuckMs) throw new Error(reason);
      await pause(everyMs, signal);
    };
    for (;;) {
      // Between two leaders nobody can tell, and what Kafka refuses for a moment it may do the next.
      const state = await quorum.state().catch((error: unknown) => messageOf(error));
      if (typeof state === "string") {
        await waits(state);
        continue;
      }
      refuseFixed(state, news);
      const step = quorumStep(state, ids);
      if (step.do === "nothing" || isFixed(state)) return;
      const failed = step.do === "wait" ? step.reason : await take(quorum, step, news);
      if (failed !== undefined) await waits(failed);
      else since = performance.now();
    }
  });
}

/** @returns why it could not be done */
async function take(
  quorum: Quorum,
  { do: what, member }: Extract<ReturnType<typeof quorumStep>, { do: "add" | "remove" }>,
  { controllers }: QuorumInputs,
): Promise<string | undefined> {
  const endpoint = controllers.find(({ id }) => id === member.id);
  try {
    if (what === "remove") await quorum.removeVoter(member);
    else if (endpoint !== undefined) await quorum.addVoter(endpoint, member.directory);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
