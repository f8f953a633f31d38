import { openAdmin } from "../../common/kafka-admin.ts";
import { topicSettings } from "../../common/topics.ts";
import { sensorTopics } from "../contract.ts";

export interface WantedTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replication: number;
}

/** How long a new topic may take to have its leaders and replicas, ms. */
const readyMs = 30_000;

/**
 * Makes the topic where it is not there, so that the simulator can be pointed at any cluster; one that is there stays as
 * it is.
 * @returns whether it was made
 * @throws when the brokers do not answer or refuse it
 */
export async function ensureTopic(
  bootstrapServers: readonly string[],
  { name, partitions, replication }: WantedTopic,
): Promise<boolean> {
  const [readings] = sensorTopics({ partitions });
  if (readings === undefined) throw new Error("the contract has no topic of readings");
  const admin = await openAdmin({ bootstrapServers, clientId: "sensors-simulator" });
  try {
    if ((await admin.describeTopic(name)) !== undefined) return false;
    await admin.createTopic({ name, partitions, replication, config: topicSettings(readings) });
    await admin.awaitTopic({ name, partitions, replication }, readyMs);
    return true;
  } finally {
    await admin.close();
  }
}
