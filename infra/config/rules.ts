import {
  camerasAgree,
  framesFitMessages,
  framesFitNetwork,
  framesFitRetention,
  videoReplicationFits,
} from "../pipelines/video/rules.ts";
import type { Clash, Rule } from "./clash.ts";
import { retentionFitsDisk } from "./rules.disk.ts";
import { networkHasRoom, portsAreDistinct } from "./rules.host.ts";
import { classifiersHaveWork, heapFits, messageFits, minInsyncFits, replicationFits } from "./rules.kafka.ts";
import {
  filesAreOnHosts,
  hostsHaveRoom,
  peerPortsAreDistinct,
  placementNamesHosts,
  subnetHasRoom,
  targetHasHosts,
} from "./rules.placement.ts";
import { grouped, keys, labSchema } from "./schema.ts";

/** In this order, because each rule takes for granted that what those before it found is mended. */
const rules: readonly Rule[] = [
  targetHasHosts,
  subnetHasRoom,
  placementNamesHosts,
  replicationFits,
  videoReplicationFits,
  minInsyncFits,
  camerasAgree,
  heapFits,
  framesFitMessages,
  messageFits,
  framesFitRetention,
  classifiersHaveWork,
  networkHasRoom,
  portsAreDistinct,
  peerPortsAreDistinct,
  filesAreOnHosts,
  framesFitNetwork,
  retentionFitsDisk,
  hostsHaveRoom,
];

/**
 * Every clash between values that are each allowed. What a rule recommends is in force when the next one is asked,
 * so that all recommendations can be followed at once and nothing comes up afterwards.
 *
 * @param values text of each key that has not its default
 */
export function clashesIn(values: ReadonlyMap<string, unknown>): readonly Clash[] {
  const mended = new Map(values);
  return rules.flatMap((rule) => {
    const clashes = rule(labSchema.parse(grouped(mended)));
    for (const { changes } of clashes) mended.set(changes[0].key, changes[0].value);
    return clashes;
  });
}

/** More about why a single value is not allowed than its schema says; empty when there is nothing to add. */
export function detail(key: string, text: string): string {
  const problem = keys.get(key)?.problem?.(text);
  return problem === undefined ? "" : `; it ${problem}`;
}
