import { renderTable } from "../../lib/table.ts";
import type { Role } from "../config/hosts.ts";
import type { LabConfig } from "../config/schema.ts";
import { type PlannedService, plannedServices } from "./services.ts";

/** A machine as far as placing services on it goes. */
export interface PlannedHost {
  readonly name: string;
  /** Undefined when config does not say; the host is then asked before anything runs on it. */
  readonly memoryMB: number | undefined;
  readonly diskGB: number | undefined;
}

export interface PlacedService extends PlannedService {
  readonly host: string;
}

/** MB of a host that are left to its system and to Docker. */
export const systemMB = 512;
/** GB of a host that images and the system's own growth take. */
export const systemGB = 8;

/** The machines of the configured lab, in order. */
export function plannedHosts({ target, ssh, openstack }: LabConfig): readonly PlannedHost[] {
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

/**
 * Which host each service runs on.
 *
 * Services of a role take the role's hosts in turn, by their number, so that one more or less moves no other. A role
 * that `placement` does not name has hosts of its own choice: brokers and producers all of them, the others those
 * without a broker, or all of them, from the last, where every host has one. Two replicas meet on one host only when
 * there is no other left.
 *
 * @returns in the order of {@link plannedServices}; empty when there is no host
 */
export function place(config: LabConfig): readonly PlacedService[] {
  const hosts = plannedHosts(config).map(({ name }) => name);
  if (hosts.length === 0) return [];
  const chosen = (role: Role) => config.placement[role]?.filter((name) => hosts.includes(name)) ?? [];
  const brokerHosts = chosen("brokers").length > 0 ? chosen("brokers") : hosts;
  const withBroker = new Set(brokerHosts.slice(0, config.kafka.brokers));
  const free = hosts.filter((name) => !withBroker.has(name));
  // Of free hosts the first, so that one more moves nothing; where every host has a broker, the last has the fewest.
  const others = free.length > 0 ? free : hosts.toReversed();
  const hostsOf = (role: Role): readonly string[] => {
    if (role === "brokers") return brokerHosts;
    if (chosen(role).length > 0) return chosen(role);
    return role === "producers" ? [...others, ...hosts.filter((name) => !others.includes(name))] : others;
  };
  return plannedServices(config).map((service) => {
    const candidates = hostsOf(service.role);
    const host = candidates[service.number % candidates.length];
    if (host === undefined) throw new Error(`no host for ${service.name}`);
    return { ...service, host };
  });
}

/** For each broker, how many brokers of a lower id its host has. */
export function brokerSlots(config: LabConfig): readonly number[] {
  const brokers = place(config).filter(({ role }) => role === "brokers");
  return brokers.map(({ host }, id) => brokers.slice(0, id).filter((other) => other.host === host).length);
}

/** What the services of a host need of it. */
export interface HostNeeds {
  readonly name: string;
  readonly services: readonly PlacedService[];
  /** All limits together, and {@link systemMB}. */
  readonly memoryMB: number;
  /** What the topics on its brokers may take at most, and {@link systemGB}. */
  readonly diskGB: number;
}

/** @param brokerGB what one broker's replicas may take on disk, see capacity.ts */
export function hostNeeds(config: LabConfig, brokerGB: number): readonly HostNeeds[] {
  const placed = place(config);
  return plannedHosts(config).map(({ name }) => {
    const services = placed.filter(({ host }) => host === name);
    const brokers = services.filter(({ role }) => role === "brokers").length;
    return {
      name,
      services,
      memoryMB: services.reduce((sum, { memoryMB }) => sum + memoryMB, systemMB),
      diskGB: Math.ceil(systemGB + brokers * brokerGB),
    };
  });
}

/** The placement as a table for people, a line a host. */
export function placementTable(config: LabConfig, brokerGB: number): string {
  const planned = new Map(plannedHosts(config).map((host) => [host.name, host]));
  const rows = hostNeeds(config, brokerGB).map(({ name, services, memoryMB, diskGB }) => {
    const host = planned.get(name);
    const of = (has: number | undefined) => (has === undefined ? "" : ` of ${has}`);
    return [
      name,
      `${memoryMB}${of(host?.memoryMB)}`,
      `${diskGB}${of(host?.diskGB)}`,
      services.map((service) => service.name).join(", ") || "nothing",
    ];
  });
  return renderTable(["host", "memory, MB", "disk, GB", "services"], rows);
}
