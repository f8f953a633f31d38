import { change } from "../../config/clash.ts";
import { prefixFor, usableAddresses, withPrefix } from "../../config/subnet.ts";
import type { Rule } from "./rule.ts";

export const networkHasRoom: Rule = ({ core, plan }) => {
  const { cidr } = core.network;
  if (cidr === undefined || core.target !== "local") return [];
  const containers = plan.services.length;
  if (containers <= usableAddresses(cidr)) return [];
  const wider = withPrefix(cidr, prefixFor(containers));
  return [
    {
      key: "network.cidr",
      reason: `has ${usableAddresses(cidr)} addresses for the ${containers} containers of the lab`,
      changes: [change("network.cidr", wider)],
    },
  ];
};

export const flowsFitNetwork: Rule = (lab) => {
  const { core, plan } = lab;
  const mbps = (bytesPerSecond: number) => Math.ceil((bytesPerSecond * 8) / 1e6);
  const needed = mbps(plan.network.total);
  if (needed <= core.network.capacityMbps) return [];
  const sources = plan.topics
    .flatMap(({ live, bytesPerSecond = 0 }) => (live === undefined ? [] : [{ ...live, bytesPerSecond }]))
    .toSorted((a, b) => b.bytesPerSecond - a.bytesPerSecond);
  const wider = change("network.capacityMbps", needed);
  const possible = [wider, ...sources.slice(0, 1).map(({ lowered }) => lowered)];
  const mends = possible.filter((each) => {
    const after = lab.with(each);
    return after !== undefined && mbps(after.plan.network.total) <= after.core.network.capacityMbps;
  });
  // A rate that is lower but not low enough leaves less for the next round.
  const [first = possible.at(-1) ?? wider, ...others] = mends;
  return [
    {
      key: "network.capacityMbps",
      reason: `must be at least ${needed} for what comes in (${sources.map(({ told }) => told).join(", ")}): ${mbps(plan.network.sent)} Mbit/s, which go over the network once from their senders, once to each replica and once to each consumer group`,
      changes: [first, ...others],
    },
  ];
};
