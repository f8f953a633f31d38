import { type Clash, change } from "../../config/clash.ts";
import type { KeyOf, Settings } from "../../config/schema.ts";
import type { keys } from "./config.ts";

export type Own = Settings<typeof keys>;
export type Key = KeyOf<"sensors", typeof keys>;

/** What is wrong with keys of the pipeline. */
export function sensorClashes(own: Own): Clash<Key>[] {
  return [...alertersHaveWork(own), ...rollUpsOutliveReadings(own)];
}

function alertersHaveWork({ alerters, partitions }: Own): Clash<Key>[] {
  if (alerters <= partitions) return [];
  return [
    {
      key: "sensors.alerters",
      reason: `must be at most sensors.partitions, which is ${partitions}: a partition is read by one alerter, so the others would have nothing to do`,
      changes: [change("sensors.alerters", partitions), change("sensors.partitions", alerters)],
    },
  ];
}

/** A reading that comes late is counted into its minute and its hour, which must still be there. */
function rollUpsOutliveReadings(own: Own): Clash<Key>[] {
  return (["keepMinutesDays", "keepHoursDays"] as const).flatMap((name): Clash<Key>[] =>
    own[name] >= own.keepDays
      ? []
      : [
          {
            key: `sensors.${name}`,
            reason: `must be at least sensors.keepDays, which is ${own.keepDays}: what readings are rolled up into is kept for as long as they are`,
            changes: [change(`sensors.${name}`, own.keepDays), change("sensors.keepDays", own[name])],
          },
        ],
  );
}
