import { z } from "zod";
import { messageOf } from "../../apps/common/errors.ts";
import type { KafkaAdmin, PlacedPartition } from "../../apps/common/kafka-admin.ts";
import { answers } from "../../apps/common/kafka-answers.ts";
import { waitFor } from "../../apps/common/retry.ts";
import { checkInputs } from "../../lib/provider/check.ts";
import type { Context, FunctionHandler, ResourceHandler } from "../../lib/provider/handler.ts";
import { type Connection, connectionSchema } from "../../lib/ssh/connection.ts";
import { explain } from "../../lib/ssh/explain.ts";
import { mustRun, runScript } from "../../lib/ssh/run.ts";
import { shellWord } from "../../lib/ssh/shell.ts";
import { type Access, accessSchema, connector } from "./kafka-access.ts";
import { reachShape, withAdmin } from "./kafka-reach.ts";
import { rollOrder } from "./roll-order.ts";

/** Where a node's container is. */
const placeSchema = z.strictObject({
  host: z.string().min(1),
  container: z.string().min(1),
  /** Left out where it is this machine, which no node leaves. */
  connection: connectionSchema.optional(),
});
type Place = z.infer<typeof placeSchema>;

const inputs = z.strictObject({
  ...reachShape,
  /** Service that has to wait for its turn. */
  node: z.string().min(1),
  /** Kafka's id of it. */
  nodeId: z.int().min(0),
  at: placeSchema,
  /** `host:port` at which it answers, as long as it does; left out where it counts as running if a broker does. */
  address: z.string().min(1).optional(),
  /** Digest of all that its container is made of: another one means that it is made anew. */
  spec: z.string().min(1),
});

export type TurnInputs = z.infer<typeof inputs>;

/** How long a cluster may take to be whole before a broker is taken from it: what it was away for, it fetches. */
const waitMs = 900_000;
/** How long the others may take to agree on another leader; they do in seconds. */
const electionMs = 60_000;
/** A node that leaves its host gives up what it has there, and may be cut off from those it would hand over to. */
const leaveSeconds = 10;
const askMs = 60_000;
/** Partitions that a message names. */
const shown = 5;

/**
 * A broker's turn to be made anew. Exists in the state alone; it is made, or changed, when the broker may go: it does
 * not answer anyway, or every other replica of every partition is in sync, so that each has others to go on with.
 *
 * One that moves to another host begins there with a fresh volume. It is ended where it was before that, so that there
 * are never two of one id, and begins when another node leads: told that it leads itself, a node that knows nothing of it
 * ends, and with its vote and that of one that lags behind metadata would be lost.
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
  update: async (_id, { inputs: olds }, news, context) => {
    const left = leftPlace(olds.at, news.at);
    if (left === undefined) await awaitTurn(news, context);
    else await leave(left, news, context);
    return news;
  },
  delete: async () => {},
};

/** The place that a node leaves. @param old undefined in the state of a lab that was brought up before places stood there */
function leftPlace(old: Place | undefined, { host }: Place): Place | undefined {
  return old === undefined || old.host === host ? undefined : old;
}

async function awaitTurn(news: TurnInputs, context: Context): Promise<void> {
  const { address, access, bootstrapServers } = news;
  if (await anyAnswers(address === undefined ? bootstrapServers : [address], access)) {
    await awaitInSync(news, context);
  }
}

async function anyAnswers(addresses: readonly string[], access: TurnInputs["access"]): Promise<boolean> {
  const connect = await connector(access);
  return (await Promise.all(addresses.map((one) => answers(one, connect)))).includes(true);
}

async function leave({ host, container, connection }: Place, news: TurnInputs, context: Context) {
  const { node } = news;
  const { signal, status } = context;
  if (connection !== undefined && (await runsAt(connection, container, news, context))) {
    await awaitInSync(news, context);
    await status(`ending ${node} on ${host}`);
    const end = `docker container stop --time ${leaveSeconds} ${shellWord(container)}`;
    await mustRun(connection, end, { root: true, timeoutMs: askMs, signal });
  }
  await ledByAnother(news, context);
}

/** Whether a node still runs where it was. A host that does not answer is taken for dead. */
async function runsAt(
  connection: Connection,
  container: string,
  { node, at }: TurnInputs,
  { signal }: Context,
): Promise<boolean> {
  const script = `docker container inspect --format '{{.State.Running}}' ${shellWord(container)} 2>/dev/null || true`;
  const result = await runScript(connection, script, { root: true, timeoutMs: askMs, signal });
  if (result.code === 0) return result.stdout.trim() === "true";
  const { reason, refused } = explain(connection, result);
  if (!refused) return false;
  throw new Error(
    `${node} may still run where it was, and there must not be two of them: ${reason}\n` +
      `  fix: end it there (docker container stop ${container}), or turn that machine off; then ./scripts/up makes it anew on ${at.host}`,
  );
}

async function ledByAnother(news: TurnInputs, { signal }: Context): Promise<void> {
  const { nodeId, node, access, bootstrapServers } = news;
  if (!(await anyAnswers(bootstrapServers, access))) return;
  await withAdmin(news, (admin) =>
    waitFor(
      `another node than ${node} to lead the cluster`,
      async () => {
        const leader = await admin.controller();
        return leader === undefined || leader === nodeId ? undefined : true;
      },
      { timeoutMs: electionMs, signal },
    ),
  );
}

/**
 * Waits until the others can do without the node. Its own replicas need not be in sync: one that is cut off from where it
 * was left out, or that does not know where its leader has moved to, is made anew for just that.
 */
async function awaitInSync(news: TurnInputs, { status, signal }: Context): Promise<void> {
  const { node, nodeId } = news;
  let behind: readonly PlacedPartition[] = [];
  const whole = async (admin: KafkaAdmin) => {
    const now = lagging(await admin.partitions(), nodeId);
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

/** Partitions that would do without this broker less than others. */
export function lagging(partitions: readonly PlacedPartition[], id: number): PlacedPartition[] {
  return partitions.filter(({ replicas, inSync, leader }) => {
    const others = replicas.filter((replica) => replica !== id);
    return others.some((replica) => !inSync.includes(replica)) || (leader < 0 && others.length > 0);
  });
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
