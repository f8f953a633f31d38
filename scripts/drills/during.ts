import { openAdmin, type PlacedPartition } from "../../apps/common/kafka-admin.ts";
import { formatSeconds } from "../../lib/table.ts";
import type { LabEngine } from "../lab/access.ts";
import { type LabContainer, labContainers } from "../lab/docker.ts";
import type { Env } from "../toolchain/run.ts";
import { onTerminal } from "../toolchain/run.ts";
import type { FaultRecord, ProbeRecord } from "./records.ts";
import type { Wholeness } from "./whole.ts";

export interface During {
  readonly engines: readonly LabEngine[];
  readonly bootstrapServers: readonly string[];
  readonly whole: Wholeness;
}

/** What a command did to the lab while messages were sent. */
export interface Change {
  readonly record: FaultRecord;
  /** What there is to tell of it beside what became of messages. */
  readonly told: readonly string[];
}

/** Runs a command of the user's on the lab, and looks which containers it left as they were. */
export async function during(
  command: string,
  { engines, bootstrapServers, whole }: During,
  { cwd, env, limitMs }: { readonly cwd: string; readonly env: Env; readonly limitMs: number },
): Promise<Change> {
  const before = await labContainers(engines);
  const fromMs = Date.now();
  const known = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const code = await onTerminal("bash", ["-c", command], { cwd, env: Object.fromEntries(known) });
  const toMs = Date.now();
  const wholeMs = await whole.wait([], toMs, limitMs).catch(() => undefined);
  const after = await labContainers(engines);
  const clients = restarted(before, after).filter(({ pipeline }) => pipeline !== "kafka");
  const problem =
    code !== 0
      ? `it ended with ${code}`
      : clients.length > 0
        ? `containers started anew that are no brokers: ${clients.map(({ name }) => name).join(", ")}`
        : undefined;
  const record: FaultRecord = {
    kind: "command",
    name: command,
    containers: [],
    fromMs,
    toMs,
    wholeMs,
    problem,
  };
  const brokers = restarted(before, after).filter(({ pipeline }) => pipeline === "kafka");
  return {
    record,
    told: [
      `Made or started anew: ${namesOf([...brokers, ...clients])}; taken away: ${namesOf(missing(before, after))}.`,
      spreadText(await partitionsOf(bootstrapServers)),
    ],
  };
}

/** The longest time that a message waited for its acknowledgement, by topic. */
export function longestWaits(probes: readonly ProbeRecord[]): string {
  const waits = probes.map(({ topic, sent }) => {
    const ms = Math.max(0, ...sent.map(({ sentMs, ackedMs = sentMs }) => ackedMs - sentMs));
    return `${topic} ${formatSeconds(ms / 1000)}`;
  });
  return `Longest wait for an acknowledgement: ${waits.join(", ")}.`;
}

/** How many replicas each broker has, and how many partitions it leads. */
export function spreadText(partitions: readonly PlacedPartition[]): string {
  const ids = [...new Set(partitions.flatMap(({ replicas }) => replicas))].sort((a, b) => a - b);
  const shares = ids.map((id) => {
    const replicas = partitions.filter((one) => one.replicas.includes(id)).length;
    const leads = partitions.filter(({ leader }) => leader === id).length;
    return `broker ${id} has ${replicas} and leads ${leads}`;
  });
  return `Replicas of ${partitions.length} partitions: ${shares.join(", ")}.`;
}

/** Containers that are not those of before, or whose process is another. */
function restarted(before: readonly LabContainer[], after: readonly LabContainer[]): LabContainer[] {
  const started = new Map(before.map(({ name, startedAt }) => [name, startedAt]));
  return after.filter(({ name, startedAt }) => started.get(name) !== startedAt);
}

function missing(before: readonly LabContainer[], after: readonly LabContainer[]): LabContainer[] {
  const there = new Set(after.map(({ name }) => name));
  return before.filter(({ name }) => !there.has(name));
}

const namesOf = (some: readonly LabContainer[]): string =>
  some.length === 0 ? "none" : some.map(({ name }) => name).join(", ");

async function partitionsOf(bootstrapServers: readonly string[]): Promise<PlacedPartition[]> {
  const admin = await openAdmin({ bootstrapServers, clientId: "edgelab-drill" });
  try {
    return await admin.partitions();
  } finally {
    await admin.close();
  }
}
