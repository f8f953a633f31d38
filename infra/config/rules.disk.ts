import { videoPlan } from "../pipelines/video/plan.ts";
import { diskUse, GB, type PipelineName, totalBytes } from "../plan/capacity.ts";
import { change, type Rule } from "./clash.ts";
import type { KeyName, LabConfig } from "./schema.ts";

const gigabytes = (bytes: number) => `${(bytes / GB).toFixed(1)} GB`;

/** How a pipeline's retention is told and lowered. */
const retentions = {
  classification: {
    key: "classification.retentionMB",
    least: (config) => Math.ceil(config.kafka.maxMessageKB / 256),
  },
  video: { key: "video.retentionMB", least: () => 16 },
  grayscale: { key: "grayscale.retentionMB", least: () => 16 },
} as const satisfies Record<PipelineName, { key: KeyName; least: (config: LabConfig) => number }>;

export const retentionFitsDisk: Rule = (config) => {
  const { disk } = config;
  const needed = totalBytes(config);
  if (needed <= disk.budgetGB * GB) return [];
  // The pipeline that takes most is the one to look at first.
  const use = diskUse(config);
  const bytesOf = (name: PipelineName) =>
    use.filter(({ topic }) => topic.pipeline === name).reduce((sum, { bytes }) => sum + bytes, 0);
  const [pipeline = "classification"] = (Object.keys(retentions) as PipelineName[]).sort(
    (a, b) => bytesOf(b) - bytesOf(a),
  );
  const { key, least } = retentions[pipeline];
  const group = config[pipeline];
  const fits = (retentionMB: number) =>
    totalBytes({ ...config, [pipeline]: { ...group, retentionMB } }) <= disk.budgetGB * GB;
  const lower = highest(Math.max(16, least(config)), group.retentionMB - 1, fits);
  const raise = change("disk.budgetGB", Math.ceil(needed / GB));
  const topics = use
    .filter(({ topic }) => topic.pipeline === pipeline)
    .map(
      ({ topic: { name, partitions, replication }, bytes }) =>
        `${name} ×${partitions} ×${replication}: ${gigabytes(bytes)}`,
    );
  return [
    {
      key,
      reason: `lets the topics (name × partitions × replicas: ${topics.join(", ")})${flow(config, pipeline)} grow to ${gigabytes(needed)} in all, more than disk.budgetGB, which is ${disk.budgetGB}`,
      changes: lower === undefined ? [raise] : [change(key, lower), raise],
    },
  ];
};

/** What the cameras send, where that is what fills the disk. */
function flow(config: LabConfig, pipeline: PipelineName): string {
  if (pipeline !== "video") return "";
  const { cameras } = videoPlan(config);
  const sizes = cameras.map(({ name, fps, maxFrameKB }) => `${name} ${fps}/s × ${maxFrameKB} KB`);
  return ` of the cameras (${sizes.join(", ")}; kept for ${config.video.retentionHours} h)`;
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
