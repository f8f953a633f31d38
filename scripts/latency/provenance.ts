import { readFile } from "node:fs/promises";
import { cpus, hostname, release, totalmem } from "node:os";
import { join } from "node:path";
import { topicNames } from "../../apps/classification/contract.ts";
import type { KafkaAdmin } from "../../apps/common/kafka-admin.ts";
import { kafkaTuning } from "../../apps/common/kafka-tuning.ts";
import type { KafkaVersion } from "../../lib/kafka-versions.ts";
import type { PulumiEnvironment } from "../toolchain/environment.ts";
import type { Context } from "../toolchain/part.ts";
import { kafkaRelease } from "../toolchain/parts/kafka.ts";
import { output } from "../toolchain/run.ts";

/** The machine that ran the lab and measured it. */
export interface HostInfo {
  readonly name: string;
  readonly kernel: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
}

export interface Versions {
  readonly edgelab: string;
  /** Commit of this checkout; with `-dirty` when files differ from it. */
  readonly commit: string;
  readonly node: string;
  readonly pulumi: string;
  readonly docker: string;
  readonly kafka: string;
}

/** How the messages went through Kafka. */
export interface KafkaFacts {
  readonly brokers: number;
  readonly partitions: number;
  readonly replication: number;
  readonly minInsync: number;
  readonly acks: string;
  readonly idempotent: boolean;
  readonly lingerMs: number;
  readonly fetchMaxWaitMs: number;
  readonly security: string;
}

export function hostInfo(): HostInfo {
  const all = cpus();
  return {
    name: hostname(),
    kernel: release(),
    cpu: all[0]?.model ?? "unknown",
    cores: all.length,
    memoryGB: Math.round(totalmem() / 1024 ** 3),
  };
}

/** @param kafka that of the lab; undefined where it is not known */
export async function versions(
  pulumi: PulumiEnvironment,
  context: Context,
  kafka: KafkaVersion | undefined,
): Promise<Versions> {
  const { root } = context;
  const ask = async (command: string, ...args: string[]) =>
    (await output(command, args, { cwd: root, env: pulumi.env }))?.trim() ?? "unknown";
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const [commit, cli, engine, release] = await Promise.all([
    ask("git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"),
    ask(pulumi.pulumi, "version"),
    ask("docker", "version", "--format", "{{.Server.Version}}"),
    kafka === undefined ? "unknown" : kafkaRelease(root, kafka),
  ]);
  return { edgelab: version, commit, node: process.version, pulumi: cli, docker: engine, kafka: release };
}

/** @throws when the cluster does not answer or the topic is not there */
export async function kafkaFacts(admin: KafkaAdmin): Promise<KafkaFacts> {
  const [brokers, topic] = await Promise.all([admin.brokers(), admin.describeTopic(topicNames.images)]);
  if (topic === undefined) throw new Error(`there is no topic ${topicNames.images}`);
  return {
    brokers: brokers.length,
    partitions: topic.partitions,
    replication: topic.replication,
    minInsync: Number(topic.config["min.insync.replicas"]),
    ...kafkaTuning,
  };
}
