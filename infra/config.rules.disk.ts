import { GB, plannedTopics, totalBytes } from "./capacity.ts";
import { change, type Rule } from "./config.clash.ts";

const gigabytes = (bytes: number) => `${(bytes / GB).toFixed(1)} GB`;

export const retentionFitsDisk: Rule = (config) => {
  const { disk, kafka, images } = config;
  const needed = totalBytes(config);
  if (needed <= disk.budgetGB * GB) return [];
  const fits = (retentionMB: number) =>
    totalBytes({ ...config, images: { ...images, retentionMB } }) <= disk.budgetGB * GB;
  const smallest = Math.max(16, Math.ceil(kafka.maxMessageKB / 256));
  const lower = highest(smallest, images.retentionMB - 1, fits);
  const raise = change("disk.budgetGB", Math.ceil(needed / GB));
  const names = plannedTopics(config).map(({ name, partitions }) => `${name} ×${partitions}`);
  return [
    {
      key: "images.retentionMB",
      reason: `lets the topics (partitions: ${names.join(", ")}; ${kafka.replication} replicas of each) grow to ${gigabytes(needed)}, more than disk.budgetGB, which is ${disk.budgetGB}`,
      changes: lower === undefined ? [raise] : [change("images.retentionMB", lower), raise],
    },
  ];
};

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
