import { z } from "zod";
import { messageOf } from "../../apps/common/errors.ts";
import { answers, type KafkaAdmin, type PlacedPartition } from "../../apps/common/kafka-admin.ts";
import { waitFor } from "../../apps/common/retry.ts";
import { checkInputs } from "../../lib/provider/check.ts";
import type { Context, FunctionHandler, ResourceHandler } from "../../lib/provider/handler.ts";
import { type Access, accessSchema, connector } from "./kafka-access.ts";
import { reachShape, withAdmin } from "./kafka-reach.ts";
import { rollOrder } from "./roll-order.ts";

const inputs = z.strictObject({
  ...reachShape,
  /** Service that has to wait for its turn. */
  node: z.string().min(1),
  /** `host:port` at which it answers, as long as it does; left out where it counts as running if a broker does. */
  address: z.string().min(1).optional(),
  /** Digest of all that its container is made of: another one means that it is made anew. */
  spec: z.string().min(1),
});

export type TurnInputs = z.infer<typeof inputs>;

/** How long a cluster may take to be whole before a broker is taken from it: what it was away for, it fetches. */
const waitMs = 900_000;
/** Partitions that a message names. */
const shown = 5;

/**
 * A broker's turn to be made anew. Exists in the state alone; it is made, or changed, when the broker may go: it does
 * not answer anyway, or every replica of every partition is in sync, so that each has others to go on with.
 */
export const turnHandler: ResourceHandler<TurnInputs, TurnInputs> = {
  check: (news) => checkInputs(inputs, news),
  // Another way to the same cluster is no reason to wait.
  diff: ({ inputs: olds }, news) => ({ changes: olds.spec === news.spec ? {} : { spec: "update" } }),
  create: async (news, context) => {
    await awaitTurn(news, context);
    return { id: news.node, outputs: news };
  },
  read: async (id, outputs, olds) => (outputs === undefined ? undefined : { id, outputs, inputs: olds }),
  update: async (_id, _olds, news, context) => {
    await awaitTurn(news, context);
    return news;
  },
  delete: async () => {},
};

async function awaitTurn(news: TurnInputs, { status, signal }: Context): Promise<void> {
  const { node, address, access, bootstrapServers } = news;
  const connect = await connector(access);
  const asked = address === undefined ? bootstrapServers : [address];
  if (!(await Promise.all(asked.map((one) => answers(one, connect)))).includes(true)) return;
  let behind: readonly PlacedPartition[] = [];
  const whole = async (admin: KafkaAdmin) => {
    const now = lagging(await admin.partitions());
    if (now.length !== behind.length && now.length > 0) {
      await status(`${node} stays until ${now.length} partitions have all their replicas in sync`);
    }
    behind = now;
    return behind.length === 0 ? true : undefined;
  };
  try {
    await withAdmin(news, (admin) =>
      waitFor("every replica to be in sync", () => whole(admin), {
        timeoutMs: waitMs,
        everyMs: 1000,
        signal,
      }),
    );
  } catch (error) {
    throw new Error(
      `${node} is left as it is, and so is every broker after it: ${behind.length === 0 ? messageOf(error) : describe(behind)}\n` +
        `  fix: ./scripts/health names what is wrong; mend that, then ./scripts/up goes on with ${node}`,
    );
  }
}

/** Partitions that would do without a broker less than others. */
function lagging(partitions: readonly PlacedPartition[]): PlacedPartition[] {
  return partitions.filter(({ replicas, inSync, leader }) => leader < 0 || inSync.length < replicas.length);
}

function describe(behind: readonly PlacedPartition[]): string {
  const away = new Set(
    behind.flatMap(({ replicas, inSync }) => replicas.filter((id) => !inSync.includes(id))),
  );
  const names = behind.slice(0, shown).map(({ topic, partition }) => `${topic}-${partition}`);
  const more = behind.length > shown ? `, … (${behind.length} partitions)` : "";
  return `replicas on broker ${[...away].sort().join(", ")} are not in sync (${names.join(", ")}${more})`;
}

const orderArguments = z.strictObject({
  /** How to get at nodes that are on other machines' loopback addresses. */
  access: z.array(accessSchema).optional(),
  groups: z.array(z.array(z.strictObject({ name: z.string(), id: z.int(), address: z.string().optional() }))),
});

/** Answers in which order the nodes of a cluster, as it is now, may be made anew: see rollOrder(). */
export const rollOrderFunction: FunctionHandler = async (args) => {
  const { access = [], groups } = orderArguments.parse(args);
  const reachable = await reachableOf(access);
  const connect = await connector(reachable);
  const nodes = groups.flat();
  const addresses = nodes.flatMap(({ address }) => (address === undefined ? [] : [address]));
  const up = await Promise.all(addresses.map((address) => answers(address, connect)));
  const servers = addresses.filter((_, i) => up[i]);
  const runs = (address: string | undefined) =>
    address === undefined ? servers.length > 0 : servers.includes(address);
  const answering = new Set(nodes.filter(({ address }) => runs(address)).map(({ name }) => name));
  const reach = { bootstrapServers: servers, access: reachable };
  // Without a word of who it is, none is taken for it: the roll is as safe, with one more election.
  const controller =
    servers.length === 0
      ? undefined
      : await withAdmin(reach, (admin) => admin.controller()).catch(() => undefined);
  return { stages: rollOrder(groups, answering, controller) };
};

/** Machines that do not answer have no broker that does. */
async function reachableOf(access: readonly Access[]): Promise<Access[]> {
  const tried = await Promise.all(
    access.map((one) =>
      connector([one]).then(
        () => [one],
        () => [],
      ),
    ),
  );
  return tried.flat();
}
