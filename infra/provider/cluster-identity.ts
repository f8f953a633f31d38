import { z } from "zod";
import { checkInputs } from "../../lib/provider/check.ts";
import type { ResourceHandler } from "../../lib/provider/server.ts";
import { drawText } from "./secret.ts";

const inputs = z.strictObject({
  /** Nodes that vote in the KRaft quorum. */
  controllers: z.int().min(1),
});

export type IdentityInputs = z.infer<typeof inputs>;

export interface IdentityOutputs extends IdentityInputs {
  /** Kafka's Uuid of the cluster: 16 random bytes in URL-safe base64. */
  readonly clusterId: string;
}

/**
 * What makes a Kafka cluster this cluster: its id, and the size of its quorum. Both are fixed for its life. Voters
 * that join with empty logs could outvote those that have the cluster's metadata, so another size is refused
 * before anything is touched.
 */
export const clusterIdentityHandler: ResourceHandler<IdentityInputs, IdentityOutputs> = {
  check: (news, olds) => {
    const checked = checkInputs(inputs, news);
    if (olds === undefined || olds.controllers === checked.inputs.controllers) return checked;
    const reason =
      `the quorum of a living cluster cannot change from ${olds.controllers} to ${checked.inputs.controllers} ` +
      `controllers (1 or 2 brokers have 1, 3 or 4 have 3, more have 5). Set kafka.brokers back to a number with ` +
      `${olds.controllers}, or make a new cluster, without the old one's data: ./scripts/down, then ./scripts/up`;
    return { ...checked, failures: [...checked.failures, { property: "controllers", reason }] };
  },
  diff: () => ({ changes: {} }),
  create: async (news) => {
    const clusterId = drawText(16);
    return { id: clusterId, outputs: { ...news, clusterId } };
  },
  read: async (id, outputs, olds) => (outputs === undefined ? undefined : { id, outputs, inputs: olds }),
  update: async (_id, olds) => olds.outputs,
  delete: async () => {},
};
