import { change } from "../../config/clash.ts";
import { retention } from "../../config/schema.ts";
import type { LabPlan } from "../lab.ts";
import { diskBytes, GB, type PlannedTopic, totalBytes } from "../topics.ts";
import { leastRetentionMB } from "./messages.ts";
import type { Rule } from "./rule.ts";

const gigabytes = (bytes: number) => `${(bytes / GB).toFixed(1)} GB`;

export const retentionFitsDisk: Rule = (lab) => {
  const { budgetGB } = lab.core.disk;
  const needed = totalBytes(lab.plan.topics);
  if (needed <= budgetGB * GB) return [];
  const [key, own] = greediest(lab.plan);
  const fits = (retentionMB: number) => {
    const other = lab.with(change(key, retentionMB));
    return other !== undefined && totalBytes(other.plan.topics) <= budgetGB * GB;
  };
  const least = Math.max(retention.min, ...own.map(leastRetentionMB));
  const lower = highest(least, (own[0]?.retention.MB ?? 0) - 1, fits);
  const raise = change("disk.budgetGB", Math.ceil(needed / GB));
  const told = own.map(
    (topic) =>
      `${topic.name} ×${topic.partitions} ×${topic.replication}: ${gigabytes(diskBytes(topic))}${flowOf(topic)}`,
  );
  return [
    {
      key,
      reason: `lets the topics (name × partitions × replicas: ${told.join(", ")}) grow to ${gigabytes(needed)} in all, more than disk.budgetGB, which is ${budgetGB}`,
      changes: lower === undefined ? [raise] : [change(key, lower), raise],
    },
  ];
};

/** The retention key whose topics take most, and these: the one to look at first. */
function greediest({ topics }: LabPlan): [string, readonly PlannedTopic[]] {
  const byKey = [...Map.groupBy(topics, ({ retention }) => retention.key)];
  const [most = ["", []]] = byKey.toSorted(([, a], [, b]) => totalBytes(b) - totalBytes(a));
  return most;
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
