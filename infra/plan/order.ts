import type { PlannedService } from "./services.ts";

/**
 * The services in an order in which each comes after those it uses, and otherwise as they were.
 *
 * @throws when services use each other in a circle
 */
export function startOrder<S extends Pick<PlannedService, "name" | "uses">>(services: readonly S[]): S[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const ordered = new Set<S>();
  const add = (service: S, waiting: readonly string[]): void => {
    if (ordered.has(service)) return;
    const way = [...waiting, service.name];
    if (waiting.includes(service.name)) throw new Error(`services use each other: ${way.join(" → ")}`);
    for (const name of service.uses.services ?? []) {
      const used = byName.get(name);
      if (used === undefined) throw new Error(`${service.name} uses ${name}, which is not planned`);
      add(used, way);
    }
    ordered.add(service);
  };
  for (const service of services) add(service, []);
  return [...ordered];
}
