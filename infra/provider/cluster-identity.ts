import { z } from "zod";
import { type KafkaVersion, kafkaVersions } from "../../lib/kafka-versions.ts";
import { checkInputs } from "../../lib/provider/check.ts";
import type { Failure, ResourceHandler } from "../../lib/provider/server.ts";
import { drawText } from "./secret.ts";

const kinds = ["combined", "controllers", "zookeeper"] as const;
const inputs = z.strictObject({
  /** Nodes that vote on what the cluster is: of the KRaft quorum or of the ZooKeeper ensemble. */
  controllers: z.int().min(1),
  /** What these are: the first brokers, controllers beside them, or ZooKeeper nodes. */
  by: z.enum(kinds),
  version: z.enum(kafkaVersions),
  /** Of controllers beside the brokers, each as `id@host:port`. What they were at first is kept, whatever they are now. */
  first: z
    .array(z.string().regex(/^\d+@.+:\d+$/))
    .min(1)
    .optional(),
});

export type IdentityInputs = z.infer<typeof inputs>;

/** What an earlier lab has in its state: it had no choice but this. */
const since: Omit<IdentityInputs, "controllers"> = { by: "combined", version: "4.2" };

export interface IdentityOutputs extends IdentityInputs {
  /** Kafka's Uuid of the cluster: 16 random bytes in URL-safe base64. With ZooKeeper that has one of its own. */
  readonly clusterId: string;
  /**
   * The controllers whose empty volumes make up the quorum at first, as Kafka's `--initial-controllers` has them, each
   * with an id of its folder; all that come later join those that there are. Empty where the quorum is a list that is
   * fixed in every node's config: where brokers vote themselves, and in labs from before a quorum could grow.
   */
  readonly firstVoters: string;
}

/**
 * What makes a Kafka cluster this cluster: its id, and what knows its topics. Both are fixed for its life. A quorum of
 * controllers beside the brokers grows and shrinks by Kafka's own reconfiguration (see the resource Quorum). Where voters
 * are a fixed list, some that join with empty logs could outvote those that have the cluster's metadata, so another number
 * or kind of them is refused before anything is touched; and so is an older Kafka, which cannot read what a newer one has
 * written.
 */
export const clusterIdentityHandler: ResourceHandler<IdentityInputs, IdentityOutputs> = {
  check: (news, olds) => {
    const checked = checkInputs(inputs, news);
    if (olds === undefined) return checked;
    const before = { ...since, ...olds };
    const failures = [...coordinationStays(before, checked.inputs), ...versionRises(before, checked.inputs)];
    const { first: _, ...others } = checked.inputs;
    const kept = { ...others, ...(before.first === undefined ? {} : { first: before.first }) };
    return { inputs: kept, failures: [...checked.failures, ...failures] };
  },
  diff: ({ inputs: olds }, news) => {
    const before = { ...since, ...olds };
    const changed = (["version", "controllers"] as const).filter((key) => before[key] !== news[key]);
    return { changes: Object.fromEntries(changed.map((key) => [key, "update"])) };
  },
  create: async (news) => {
    const clusterId = drawText(16);
    const firstVoters = (news.first ?? []).map((controller) => `${controller}:${drawText(16)}`).join(",");
    return { id: clusterId, outputs: { ...news, clusterId, firstVoters } };
  },
  read: async (id, outputs, olds) =>
    outputs === undefined ? undefined : { id, outputs: { ...outputs, ...drawn(outputs) }, inputs: olds },
  update: async (_id, { outputs }, news) => ({ ...news, ...drawn(outputs) }),
  delete: async () => {},
};

/** What was drawn when it was made. Labs from before a quorum could grow have no first voters in their state. */
function drawn({
  clusterId,
  firstVoters = "",
}: Pick<IdentityOutputs, "clusterId"> & Partial<IdentityOutputs>) {
  return { clusterId, firstVoters };
}

const anew = "make a new cluster, without the old one's data: ./scripts/down, then ./scripts/up";

function coordinationStays(olds: IdentityInputs, news: IdentityInputs): Failure[] {
  if (olds.by !== news.by) {
    const reason =
      `a living cluster cannot change from ${toldOf[olds.by]} to ${toldOf[news.by]}, which would know none of its topics. ` +
      `Set ${keysOf[olds.by]}, or ${anew}`;
    return [{ property: "by", reason }];
  }
  if (olds.controllers === news.controllers || olds.first !== undefined) return [];
  const told = {
    combined: {
      why: "controllers, where brokers are controllers as well: who votes is a list in the config of each, and one with an empty log could outvote those that know the topics",
      mend: `Set kafka.brokers back to a number with ${olds.controllers} (1 or 2 brokers have 1, 3 or 4 have 3, more have 5)`,
    },
    controllers: {
      why: "controllers: it was made when who votes was a list in the config of each, and keeps that",
      mend: `Set kafka.controllers back to ${olds.controllers}`,
    },
    zookeeper: {
      why: "nodes of ZooKeeper: who votes is a list in the config of each, and one with an empty log could outvote those that know the topics",
      mend: `Set zookeeper.nodes back to ${olds.controllers}`,
    },
  };
  const { why, mend } = told[news.by];
  const reason =
    `the quorum of a living cluster cannot change from ${olds.controllers} to ${news.controllers} ${why}. ` +
    `${mend}, or ${anew}`;
  return [{ property: "controllers", reason }];
}

const toldOf: Readonly<Record<IdentityInputs["by"], string>> = {
  combined: "brokers that are controllers as well",
  controllers: "controllers beside the brokers",
  zookeeper: "ZooKeeper",
};

const keysOf: Readonly<Record<IdentityInputs["by"], string>> = {
  combined: "kafka.mode back to kraft and kafka.controllers to combined",
  controllers: "kafka.mode back to kraft and kafka.controllers to the number that it had",
  zookeeper: "kafka.mode back to zookeeper",
};

function versionRises({ version: old }: IdentityInputs, { version }: IdentityInputs): Failure[] {
  const age = (of: KafkaVersion) => kafkaVersions.indexOf(of);
  if (!(age(version) > age(old))) return [];
  const reason = `Kafka ${version} cannot read what ${old} has written. Set kafka.version back to ${old}, or ${anew}`;
  return [{ property: "version", reason }];
}
