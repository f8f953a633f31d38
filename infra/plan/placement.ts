import type { CoreConfig } from "../config/schema.ts";
import type { PlannedService } from "./services.ts";

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

/**
 * Which host each service runs on, by its name.
 *
 * Services of a pipeline and role take the role's hosts in turn, by their number, so that one more or less moves no
 * other. `placement` names hosts for `<pipeline>-<role>` or, where it does not, for the role in every pipeline. What it
 * leaves out has hosts of its own choice: brokers and producers all of them, the others those without a broker, or
 * all of them, from the last, where every host has one. Two replicas meet on one host only when there is no other left.
 *
 * @returns empty when there is no host
 */
export function place(core: CoreConfig, services: readonly Placed[]): ReadonlyMap<string, string> {
  const hosts = plannedHosts(core).map(({ name }) => name);
  if (hosts.length === 0) return new Map();
  const chosenFor = (service: Placed) =>
    chosen(core.placement, service)?.filter((name) => hosts.includes(name)) ?? [];
  const brokers = services.filter(({ role }) => role === "broker");
  const brokerHosts = new Set(
    brokers.flatMap((broker) => nth(orElse(chosenFor(broker), hosts), broker.number)),
  );
  const free = hosts.filter((name) => !brokerHosts.has(name));
  // Of free hosts the first, so that one more moves nothing; where every host has a broker, the last has the fewest.
  const others = free.length > 0 ? free : hosts.toReversed();
  const ownChoice = (role: string): readonly string[] => {
    if (role === "broker") return hosts;
    return role === "producer" ? [...others, ...hosts.filter((name) => !others.includes(name))] : others;
  };
  const byName = new Map(services.map((service) => [service.name, service]));
  const hostOf = (service: Placed): string[] => {
    const named = chosenFor(service);
    const neighbour = service.beside === undefined ? undefined : byName.get(service.beside);
    if (named.length === 0 && neighbour !== undefined) return hostOf(neighbour);
    return nth(orElse(named, ownChoice(service.role)), service.number);
  };
  return new Map(services.flatMap((service) => hostOf(service).map((host) => [service.name, host] as const)));
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

function nth(of: readonly string[], number: number): string[] {
  const found = of[number % of.length];
  return found === undefined ? [] : [found];
}
