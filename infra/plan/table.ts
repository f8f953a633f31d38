import { stopsWithout } from "../../lib/kafka-standing.ts";
import { renderTable } from "../../lib/table.ts";
import type { HostPlan, LabPlan } from "./lab.ts";

/** Services that a line on a loss names. */
const mostNamed = 4;

/** What runs where, and what the lab goes on without, as a table for people, a line a host. */
export function placementTable(plan: Pick<LabPlan, "hosts" | "standing">): string {
  const { hosts } = plan;
  const of = (has: number | undefined) => (has === undefined ? "" : ` of ${has}`);
  const rows = hosts.map(({ name, needs, memoryMB, diskGB, services }) => [
    name,
    `${needs.memoryMB}${of(memoryMB)}`,
    `${needs.diskGB}${of(diskGB)}`,
    services.map((service) => service.name).join(", ") || "nothing",
  ]);
  return [renderTable(["host", "memory, MB", "disk, GB", "services"], rows), ...losses(plan)].join("\n");
}

/** A line for each host on what stops when it fails. */
function losses({ hosts, standing }: Pick<LabPlan, "hosts" | "standing">): string[] {
  if (hosts.length === 1) return [];
  return hosts.map((host) => {
    const why = stopsWithout(standing, host.name);
    if (why !== undefined) return `without ${host.name}, Kafka stops, and all with it: it has ${why}`;
    const only = onlyHere(host, hosts);
    return `without ${host.name}, the lab goes on${only.length === 0 ? "" : `, but for ${some(only)}`}`;
  });
}

/** The host's line in the table has them all. */
function some(names: readonly string[]): string {
  const more = names.length - mostNamed;
  return more > 1 ? `${names.slice(0, mostNamed).join(", ")} and ${more} more` : names.join(", ");
}

/** Services of which no other host has one alike. */
function onlyHere({ name, services }: HostPlan, hosts: readonly HostPlan[]): string[] {
  const others = hosts.filter((host) => host.name !== name).flatMap((host) => host.services);
  return services
    .filter(({ pipeline, role }) => !others.some((one) => one.pipeline === pipeline && one.role === role))
    .map((service) => service.name);
}
