import { z } from "zod";
import type { KafkaAdmin } from "../../apps/common/kafka-admin.ts";
import { accessSchema, connector } from "./kafka-access.ts";

/** How this machine gets at a cluster, as every resource of it has it among its inputs. */
export const reachShape = {
  /** `host:port` of brokers, as reached from the machine that runs Pulumi. */
  bootstrapServers: z.array(z.string().min(1)).min(1),
  /** How to get at brokers that are on other machines' loopback addresses. */
  access: z.array(accessSchema).optional(),
};

const reachSchema = z.strictObject(reachShape);
export type Reach = z.infer<typeof reachSchema>;

/** Asks a cluster over a connection that is closed again. @throws when no broker answers */
export async function withAdmin<T>(
  { bootstrapServers, access }: Reach,
  run: (admin: KafkaAdmin) => Promise<T>,
): Promise<T> {
  const connect = await connector(access);
  // Kafka's clients compile their schemas as they are loaded, which takes a second that most previews have no use for.
  const { openAdmin } = await import("../../apps/common/kafka-admin.ts");
  const admin = await openAdmin({
    bootstrapServers,
    clientId: "edgelab-provider",
    ...(connect === undefined ? {} : { connect }),
  });
  try {
    return await run(admin);
  } finally {
    await admin.close();
  }
}
