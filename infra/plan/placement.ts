import type { CoreConfig } from "../config/schema.ts";
import type { PlacedService, PlannedService } from "./services.ts";

/** A machine as far as placing services on it goes. */
export interface PlannedHost {
  readonly name: string;
  /** Undefined when config does not say; the host is then asked before anything runs on it. */
  readonly memoryMB: number | undefined;
  readonly diskGB: number | undefined;
}

/** The machines of the configured lab, in order. */
export function plannedHosts({ target, ssh, openstack }: CoreConfig): readonly PlannedHost[] {
  switch (target) {
    case "local":
      return [{ name: "local", memoryMB: undefined, diskGB: undefined }];
    case "ssh":
      return ssh.hosts.map(({ name, memoryMB, diskGB }) => ({ name, memoryMB, diskGB }));
    case "openstack":
      return Array.from({ length: openstack.count }, (_, index) => ({
        name: `vm${index + 1}`,
        memoryMB: openstack.memoryMB,
        diskGB: openstack.diskGB,
      }));
  }
}

type Placement = CoreConfig["placement"];
type Placed = Pick<PlannedService, "name" | "pipeline" | "role" | "number" | "beside">;

/** The host that each service has had so far, by the service's name. */
export type PlacedBefore = ReadonlyMap<string, string>;

/**
 * Which host each service runs on, by its name.
 *
 * A service stays where it was, for as long as that host is there and `placement` does not name others: no host that
 * comes or goes moves what need not move. Any other goes to the host with the fewest of its pipeline and role, in turn
 * by its number. `placement` names hosts for `<pipeline>-<role>` or, where it does not, for the role in every pipeline.
 * What it leaves out has hosts of its own choice: brokers, what coordinates them and producers all of them, the others those without a broker,
 * or all of them, from the last, where every host has one.
 *
 * @param before where services are; empty for a lab that is not there yet
 * @returns empty when there is no host
 */
export function place(
  core: CoreConfig,
  services: readonly Placed[],
  before: PlacedBefore = new Map(),
): ReadonlyMap<string, string> {
  const hosts = plannedHosts(core).map(({ name }) => name);
  if (hosts.length === 0) return new Map();
  const named = (service: Placed) =>
    chosen(core.placement, service)?.filter((name) => hosts.includes(name)) ?? [];
  const byName = new Map(services.map((service) => [service.name, service]));
  const follows = (service: Placed) =>
    named(service).length === 0 && service.beside !== undefined && byName.has(service.beside);

  const placed = new Map<string, string>();
  const own = services.filter((service) => !follows(service));
  for (const service of own) {
    const was = before.get(service.name);
    if (was !== undefined && orElse(named(service), hosts).includes(was)) placed.set(service.name, was);
  }
  const settle = (some: readonly Placed[], ownChoice: readonly string[]) => {
    for (const service of some.filter(({ name }) => !placed.has(name))) {
      const host = leastUsed(
        orElse(named(service), ownChoice),
        service,
        (host) =>
          services.filter((other) => isAlike(other, service) && placed.get(other.name) === host).length,
      );
      if (host !== undefined) placed.set(service.name, host);
    }
  };
  const brokers = own.filter(({ role }) => role === "broker");
  settle(brokers, hosts);
  settle(
    own.filter(({ role }) => role === "zookeeper" || role === "controller"),
    hosts,
  );
  const brokerHosts = new Set(brokers.map(({ name }) => placed.get(name)));
  const free = hosts.filter((name) => !brokerHosts.has(name));
  // Of free hosts the first, so that one more moves nothing; where every host has a broker, the last has the fewest.
  const others = free.length > 0 ? free : hosts.toReversed();
  settle(
    own.filter(({ role }) => role === "producer"),
    [...others, ...hosts.filter((name) => !others.includes(name))],
  );
  settle(own, others);

  const hostOf = (service: Placed): string | undefined => {
    const neighbour = follows(service) ? byName.get(service.beside ?? "") : undefined;
    return neighbour === undefined ? placed.get(service.name) : hostOf(neighbour);
  };
  return new Map(
    services.flatMap((service) => {
      const host = hostOf(service);
      return host === undefined ? [] : [[service.name, host] as const];
    }),
  );
}

/** The host of each service of a plan, as {@link place} takes it the next time. */
export function placementsOf({ services }: { services: readonly PlacedService[] }): PlacedBefore {
  return new Map(services.map(({ name, host }) => [name, host]));
}

/** Of the hosts from the service's own number on, the first of those that have the fewest. */
function leastUsed(
  hosts: readonly string[],
  { number }: Placed,
  count: (host: string) => number,
): string | undefined {
  const at = number % hosts.length;
  const inTurn = [...hosts.slice(at), ...hosts.slice(0, at)];
  const fewest = Math.min(...inTurn.map(count));
  return inTurn.find((host) => count(host) === fewest);
}

function isAlike(one: Placed, other: Placed): boolean {
  return one.pipeline === other.pipeline && one.role === other.role;
}

/** The hosts that `placement` names for a service. */
function chosen(
  placement: Placement,
  { pipeline, role }: Pick<PlannedService, "pipeline" | "role">,
): readonly string[] | undefined {
  return placement[`${pipeline}-${role}`] ?? placement[role];
}

function orElse(some: readonly string[], others: readonly string[]): readonly string[] {
  return some.length > 0 ? some : others;
}
