import { type Clash, change } from "../../config/clash.ts";
import type { KeyOf, Settings } from "../../config/schema.ts";
import type { keys } from "./config.ts";

type Own = Settings<typeof keys>;

/** What is wrong with keys of the pipeline. */
export function classificationClashes({
  classifiers,
  partitions,
}: Own): Clash<KeyOf<"classification", typeof keys>>[] {
  if (classifiers <= partitions) return [];
  return [
    {
      key: "classification.classifiers",
      reason: `must be at most classification.partitions, which is ${partitions}: a partition is read by one classifier of the group, so the others would have nothing to do`,
      changes: [
        change("classification.classifiers", partitions),
        change("classification.partitions", classifiers),
      ],
    },
  ];
}
