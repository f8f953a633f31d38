import type { PlannedService } from "./services.ts";

/** Published ports that follow one another from the one that a config key names. */
export interface PortRange {
  readonly key: string;
  /** First port on the host, `ports.offset` included. */
  readonly first: number;
  readonly count: number;
}

/** A port of the host's loopback address and the service reached through it. */
export interface PublishedPort {
  /** Name as in the container's, without `edgelab-<stack>-`. */
  readonly service: string;
  /** The config key that moves the port. */
  readonly key: string;
  readonly port: number;
}

export const highestPort = 65_535;

/**
 * Every published port, in the order of the services: those of one key have one port after the other. Distinct and
 * within 1 to 65535 for any config that parses.
 */
export function publishedPorts(
  services: readonly Pick<PlannedService, "name" | "listeners">[],
  offset: number,
): readonly PublishedPort[] {
  const taken = new Map<string, number>();
  return services.flatMap(({ name, listeners }) =>
    listeners.flatMap(({ published }) => {
      if (published === undefined) return [];
      const index = taken.get(published.key) ?? 0;
      taken.set(published.key, index + 1);
      return [{ service: name, key: published.key, port: published.port + offset + index }];
    }),
  );
}

/** The ports as ranges, one a key. */
export function portRanges(ports: readonly PublishedPort[]): readonly PortRange[] {
  return [...Map.groupBy(ports, ({ key }) => key)].map(([key, own]) => ({
    key,
    first: Math.min(...own.map(({ port }) => port)),
    count: own.length,
  }));
}

export function overlap(
  a: Pick<PortRange, "first" | "count">,
  b: Pick<PortRange, "first" | "count">,
): boolean {
  return a.first < b.first + b.count && b.first < a.first + a.count;
}

/**
 * First port of a free run of `count` ports, the nearest at or above `from`, else the lowest at or above `lowest`.
 *
 * @returns undefined when there is none
 */
export function freeRun(
  taken: readonly Pick<PortRange, "first" | "count">[],
  count: number,
  from: number,
  lowest: number,
): number | undefined {
  // A free run that is as low as possible starts either where the search does or right behind a taken one.
  const starts = taken.map(({ first, count: width }) => first + width).sort((a, b) => a - b);
  const fits = (first: number) =>
    first >= lowest &&
    first + count - 1 <= highestPort &&
    !taken.some((range) => overlap(range, { first, count }));
  return [from, ...starts.filter((start) => start > from), lowest, ...starts].find(fits);
}
