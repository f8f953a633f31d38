import { type Clash, change } from "../../config/clash.ts";
import { freeRun, highestPort, overlap, type PortRange, portRanges } from "../ports.ts";
import type { LabView, Rule } from "./rule.ts";

export const publishedPortsAreDistinct: Rule = ({ core, plan }) => {
  const ranges = portRanges(plan.ports);
  const { offset } = core.ports;
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

/** A port that a service listens on, within its container or, for peers, on its host. */
interface Taken {
  /** The host or the container whose port it is. */
  readonly of: string;
  readonly service: string;
  readonly port: number;
  readonly key: string | undefined;
}

/** Far from each other and from what else listens, for as many brokers as a lab can have. */
const spareports = [29_093, 19_092, 39_092, 49_092, 9092];

/** Services that listen on one port: on one machine, or within one container where each has ports of its own. */
export const listenersAreDistinct: Rule = (lab) => {
  const clash = firstClash(lab);
  if (clash === undefined) return [];
  const { one, other } = clash;
  const keys = [one.key, other?.key].filter((key) => key !== undefined);
  const changes = keys.flatMap((key) => spareports.map((port) => change(key, port)));
  const mends = changes.filter((each) => {
    const left = lab.with(each);
    const still = left === undefined ? clash : firstClash(left);
    return still === undefined || (still.one.service !== one.service && still.one.key !== one.key);
  });
  const [first] = mends.length > 0 ? mends : changes;
  if (first === undefined) throw new Error(`${one.service} and ${other?.service} both listen on ${one.port}`);
  return [
    {
      key: first.key,
      reason:
        other === undefined
          ? `makes ${one.service} listen on port ${one.port} of ${one.of}, beyond ${highestPort}`
          : `makes ${one.service} listen on port ${one.port} of ${one.of}, as ${other.service} does: brokers on one host take consecutive ports`,
      changes: [first],
    },
  ];
};

function firstClash(lab: LabView): { one: Taken; other: Taken | undefined } | undefined {
  const ports = takenPorts(lab);
  for (const [index, one] of ports.entries()) {
    const other = ports.slice(0, index).find(({ of, port }) => of === one.of && port === one.port);
    if (other !== undefined || one.port > highestPort) return { one, other };
  }
  return undefined;
}

function takenPorts({ core, plan }: LabView): Taken[] {
  const local = core.target === "local";
  return plan.services.flatMap(({ name, host, listeners }) =>
    listeners
      // On a machine, what only the operator uses is on the loopback address, at its published port.
      .filter(({ audience }) => local || audience !== undefined)
      .map(({ port, key }) => ({ of: local ? name : host, service: name, port, key })),
  );
}
