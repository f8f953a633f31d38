import { type Change, change } from "../../config/clash.ts";
import { retention } from "../../config/schema.ts";
import type { LabPlan } from "../lab.ts";
import { diskBytes, GB, type PlannedTopic, tablesBytes, totalBytes } from "../topics.ts";
import { leastRetentionMB } from "./messages.ts";
import type { Rule } from "./rule.ts";

const gigabytes = (bytes: number) => `${(bytes / GB).toFixed(1)} GB`;

/** What is kept for as long, or as much, as one key says. */
interface Kept {
  readonly key: string;
  readonly value: number;
  /** What the key may be lowered to. */
  readonly least: number;
  readonly bytes: number;
  /** For people. */
  readonly told: string;
}

export const retentionFitsDisk: Rule = (lab) => {
  const { budgetGB } = lab.core.disk;
  const needed = neededBytes(lab.plan);
  if (needed <= budgetGB * GB) return [];
  const most = greediest(lab.plan);
  const raise = change("disk.budgetGB", Math.ceil(needed / GB));
  const reason = `lets the ${most?.told} grow to ${gigabytes(needed)} in all, more than disk.budgetGB, which is ${budgetGB}`;
  if (most === undefined) return [{ key: "disk.budgetGB", reason, changes: [raise] }];
  const fits = (value: number) => {
    const other = lab.with(change(most.key, value));
    return other !== undefined && neededBytes(other.plan) <= budgetGB * GB;
  };
  const lower = highest(most.least, most.value - 1, fits);
  const changes: [Change, ...Change[]] = lower === undefined ? [raise] : [change(most.key, lower), raise];
  return [{ key: most.key, reason, changes }];
};

/** What topics, on all brokers together, and tables may come to take. */
function neededBytes({ topics, tables }: LabPlan): number {
  return totalBytes(topics) + tablesBytes(tables);
}

/** What takes most: the key to look at first. */
function greediest({ topics, tables }: LabPlan): Kept | undefined {
  const ofTopics = [...Map.groupBy(topics, ({ retention }) => retention.key)].map(([key, own]): Kept => {
    const each = own.map(
      (topic) =>
        `${topic.name} ×${topic.partitions} ×${topic.replication}: ${gigabytes(diskBytes(topic))}${flowOf(topic)}`,
    );
    return {
      key,
      value: own[0]?.retention.MB ?? 0,
      least: Math.max(retention.min, ...own.map(leastRetentionMB)),
      bytes: totalBytes(own),
      told: `topics (name × partitions × replicas: ${each.join(", ")})`,
    };
  });
  const ofTables = tables.map(
    ({ told, kept, bytes }): Kept => ({
      ...kept,
      bytes,
      told: `tables (${told}: ${gigabytes(bytes)}; kept for ${kept.value} h)`,
    }),
  );
  return [...ofTopics, ...ofTables].toSorted((a, b) => b.bytes - a.bytes)[0];
}

function flowOf({ live, retentionMs }: PlannedTopic): string {
  return live === undefined ? "" : ` (${live.told}; kept for ${retentionMs / 3_600_000} h)`;
}

/** The highest whole number from `low` to `high` for which `fits` holds, when it holds below some limit only. */
function highest(low: number, high: number, fits: (value: number) => boolean): number | undefined {
  if (high < low || !fits(low)) return undefined;
  let [good, bad] = [low, high + 1];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (fits(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
