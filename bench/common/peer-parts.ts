import { join } from "node:path";
import { openAdmin } from "../../apps/common/kafka-admin.ts";
import { docker } from "../../scripts/lab/docker.ts";
import type { Env } from "../../scripts/toolchain/run.ts";
import type { Likeness } from "./containers.ts";

/** How long brokers may take over a topic, ms. */
const topicMs = 30_000;

/** What a peer is told of the lab: what the container of the same task is told, but for its password. */
export function peerVariables({ env }: Likeness): Record<string, string> {
  const names = /^(KAFKA_BOOTSTRAP_SERVERS|POSTGRES_(?!PASSWORD)\w+|ONNX_THREADS)$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => names.test(name)));
}

/**
 * Copies the database password of a container, running or not, to a folder.
 * @returns the argument of `docker run` by which a peer has it in a file, as in the lab, and not in its environment
 */
export async function passwordVolume(env: Env, like: Likeness, folder: string): Promise<string> {
  const secret = join(folder, "postgres");
  await docker(env, "cp", `${like.name}:${like.env.POSTGRES_PASSWORD_FILE ?? ""}`, secret);
  return `--volume=${secret}:/run/secrets/postgres:ro`;
}

/** Makes topics such as the lab's own, with six partitions. @param bootstrap brokers as this machine reaches them */
export function makeTopics(bootstrap: string, names: readonly string[]): Promise<void> {
  return withAdmin(bootstrap, async (admin) => {
    const replication = Math.min(3, (await admin.brokers()).length);
    const least = String(Math.min(2, replication));
    for (const name of names) {
      await admin.createTopic({ name, partitions: 6, replication, config: { "min.insync.replicas": least } });
      await admin.awaitTopic({ name, partitions: 6, replication }, topicMs);
    }
  });
}

export function deleteTopics(bootstrap: string, names: readonly string[]): Promise<void> {
  return withAdmin(bootstrap, async (admin) => {
    for (const name of names) await admin.deleteTopic(name, topicMs);
  });
}

async function withAdmin(
  bootstrap: string,
  work: (admin: Awaited<ReturnType<typeof openAdmin>>) => Promise<void>,
): Promise<void> {
  const admin = await openAdmin({ bootstrapServers: bootstrap.split(","), clientId: "bench" });
  try {
    await work(admin);
  } finally {
    await admin.close();
  }
}
