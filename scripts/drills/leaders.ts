import { openAdmin } from "../../apps/common/kafka-admin.ts";
import { nodeName } from "../../lib/kafka-nodes.ts";
import type { LabOutputs } from "../lab/queries.ts";
import { containerName } from "../stack/stack.ts";
import { askEnsemble } from "../watching/zookeeper.ts";

/**
 * Names of the containers that lead a lab: who leads Kafka's quorum, or with ZooKeeper the node that the ensemble has
 * elected and the broker that is the controller.
 *
 * @throws when no broker answers
 */
export async function leadersOf(
  { zookeepers, bootstrapServers }: Pick<LabOutputs, "zookeepers" | "bootstrapServers">,
  stack: string,
): Promise<ReadonlySet<string>> {
  const nodes = await askEnsemble(zookeepers);
  const leading = nodes.filter((node) => "state" in node && ["leader", "standalone"].includes(node.state));
  const admin = await openAdmin({ bootstrapServers: bootstrapServers.split(","), clientId: "edgelab-drill" });
  try {
    const id = await admin.controller();
    const services = [...leading.map(({ service }) => service), ...(id === undefined ? [] : [nodeName(id)])];
    return new Set(services.map((name) => containerName(stack, name)));
  } finally {
    await admin.close();
  }
}
