import { openAdmin } from "../../apps/common/kafka-admin.ts";
import type { LabOutputs } from "../lab/queries.ts";
import { containerName } from "../stack/stack.ts";
import { askEnsemble } from "../watching/zookeeper.ts";

/**
 * Names of the containers that lead a lab which ZooKeeper coordinates: the node that the ensemble has elected, and the
 * broker that is the controller. With KRaft a client is not told who leads the quorum.
 *
 * @throws when no broker answers
 */
export async function leadersOf(
  { kafka, zookeepers, bootstrapServers }: Pick<LabOutputs, "kafka" | "zookeepers" | "bootstrapServers">,
  stack: string,
): Promise<ReadonlySet<string>> {
  if (kafka?.mode !== "zookeeper") return new Set();
  const nodes = await askEnsemble(zookeepers);
  const leading = nodes.filter((node) => "state" in node && ["leader", "standalone"].includes(node.state));
  const admin = await openAdmin({ bootstrapServers: bootstrapServers.split(","), clientId: "edgelab-drill" });
  try {
    const id = await admin.controller();
    const controller = id === undefined ? [] : [`kafka-${id}`];
    return new Set(
      [...leading.map(({ service }) => service), ...controller].map((name) => containerName(stack, name)),
    );
  } finally {
    await admin.close();
  }
}
