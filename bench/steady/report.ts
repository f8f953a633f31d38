import { renderTable } from "../../lib/table.ts";
import { type Growth, growing } from "../../scripts/latency/statistics/slope.ts";
import { type ContainerUse, type Reading, useBetween } from "../../scripts/latency/usage.ts";

/** All that was seen of a lab under its load. */
export interface Watched {
  /** Every reading of all containers, in the order of time; two at least. */
  readonly readings: readonly (readonly Reading[])[];
  /** Memory limits by container, bytes; 0 for none. */
  readonly limits: ReadonlyMap<string, number>;
  /** What was not healthy at any time, as `<container>: <what>`, each once. */
  readonly troubles: readonly string[];
  /** Docker's own share, in cores. */
  readonly engineCores: number;
}

/** What it took at rest. */
export interface Rest {
  readonly used: readonly ContainerUse[];
  readonly engineCores: number;
}

const MB = 1024 ** 2;
/** Growth of less than this part of a container's limit is none: caches fill, heaps breathe. */
const slack = 0.05;

/** How a container's memory developed. */
export interface Memory extends Growth {
  readonly name: string;
  readonly firstMB: number;
  readonly lastMB: number;
  readonly limitMB: number;
  /** Hours until the limit at the fitted slope; Infinity where it does not grow. */
  readonly hoursLeft: number;
}

/** The memory of each container that was there from the first reading to the last, by name. */
export function memories({ readings, limits }: Pick<Watched, "readings" | "limits">): Memory[] {
  const [first = []] = readings;
  return first
    .map(({ name }) => name)
    .sort()
    .flatMap((name) => {
      const own = readings.flatMap((all) => all.filter((reading) => reading.name === name));
      const [start, end] = [own[0], own.at(-1)];
      if (start === undefined || end === undefined || own.length < readings.length) return [];
      const limitMB = (limits.get(name) ?? 0) / MB;
      const points = own.map((each) => ({ x: (each.atMs - start.atMs) / 1000, y: each.memoryBytes / MB }));
      const growth = growing(points, Math.max(4, slack * limitMB));
      const lastMB = end.memoryBytes / MB;
      const hoursLeft = growth.growing
        ? (limitMB - lastMB) / (growth.messagesPerSecond * 3600)
        : Number.POSITIVE_INFINITY;
      return [{ ...growth, name, limitMB, hoursLeft, firstMB: start.memoryBytes / MB, lastMB }];
    });
}

/** Lines for people: what each container took under load and at rest, how its memory went, and what was wrong. */
export function report(watched: Watched, rest: Rest | undefined): string {
  const { readings, engineCores, troubles } = watched;
  const used = new Map(useBetween(readings[0] ?? [], readings.at(-1) ?? []).map((use) => [use.name, use]));
  const atRest = new Map(rest?.used.map((use) => [use.name, use]));
  const all = memories(watched);
  const rows = all.map(({ name, firstMB, lastMB, limitMB, ...growth }) => [
    name,
    cores(used.get(name)?.cores),
    cores(atRest.get(name)?.cores),
    `${firstMB.toFixed(0)} → ${lastMB.toFixed(0)}`,
    limitMB === 0 ? "none" : limitMB.toFixed(0),
    `${(growth.messagesPerSecond * 3600).toFixed(1)} ± ${(growth.standardError * 3600).toFixed(1)}`,
  ]);
  const total = (uses: Iterable<ContainerUse>, engine: number) =>
    cores([...uses].reduce((sum, use) => sum + use.cores, engine));
  const memory = all.reduce((sum, { lastMB }) => sum + lastMB, 0);
  const engineRow = ["Docker's engine", cores(engineCores), cores(rest?.engineCores), "", "", ""];
  const sums = [
    "all of it",
    total(used.values(), engineCores),
    rest === undefined ? "" : total(rest.used, rest.engineCores),
    `${memory.toFixed(0)} at the end`,
    "",
    "",
  ];
  const table = renderTable(
    ["container", "cores, load", "cores, rest", "memory, MB", "limit, MB", "slope, MB an hour"],
    [...rows, engineRow, sums],
  );
  return [table, "", ...verdicts(all, troubles)].join("\n");
}

function verdicts(all: readonly Memory[], troubles: readonly string[]): string[] {
  const grown = all
    .filter((memory) => memory.growing)
    .map(
      ({ name, messages, hoursLeft }) =>
        `${name} has ${messages.toFixed(0)} MB more at the end than at the beginning; at this slope its limit is reached in ${hoursLeft.toFixed(1)} h`,
    );
  return [
    ...(troubles.length === 0
      ? ["Every container was healthy the whole time, and none was started again."]
      : troubles),
    ...(grown.length === 0 ? ["No container's memory grows beyond what its line's error explains."] : grown),
  ];
}

const cores = (value: number | undefined) => (value === undefined ? "" : value.toFixed(3));
