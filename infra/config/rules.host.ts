import { freeRun, highestPort, overlap, type PortRange, portRanges } from "../plan/ports.ts";
import { plannedServices } from "../plan/services.ts";
import { formatCidr, masked, prefixFor, readCidr, usableAddresses } from "./cidr.ts";
import { type Clash, change, type Rule } from "./clash.ts";

export const networkHasRoom: Rule = (config) => {
  const { cidr } = config.network;
  const given = cidr === undefined ? undefined : readCidr(cidr);
  if (given === undefined || config.target !== "local") return [];
  const containers = plannedServices(config).length;
  if (containers <= usableAddresses(given)) return [];
  const wider = formatCidr(masked({ address: given.address, prefix: prefixFor(containers) }));
  return [
    {
      key: "network.cidr",
      reason: `has ${usableAddresses(given)} addresses for the ${containers} containers of the lab`,
      changes: [change("network.cidr", wider)],
    },
  ];
};

export const portsAreDistinct: Rule = (config) => {
  const ranges = portRanges(config);
  const { offset } = config.ports;
  const clashes: Clash[] = [];
  const moved: Pick<PortRange, "first" | "count">[] = [];
  for (const [index, range] of ranges.entries()) {
    const other = ranges.slice(0, index).find((earlier) => overlap(earlier, range));
    const outside = range.first + range.count - 1 > highestPort;
    if (other === undefined && !outside) continue;
    // Clear of every range where it is now, of those moved before, and of privileged ports.
    const taken = [...ranges.filter((each) => each !== range), ...moved];
    const first = freeRun(taken, range.count, range.first, 1024 + offset);
    if (first === undefined)
      throw new Error("some hundreds of ports are published at most, so a free run must exist");
    moved.push({ first, count: range.count });
    clashes.push({
      key: range.key,
      reason:
        other === undefined
          ? `would publish ${span(range)}, beyond ${highestPort}`
          : `would publish ${span(range)}, and ${other.key} publishes ${span(other)}`,
      changes: [change(range.key, first - offset)],
    });
  }
  return clashes;
};

function span({ first, count }: PortRange): string {
  return count === 1 ? `port ${first}` : `ports ${first} to ${first + count - 1}`;
}
