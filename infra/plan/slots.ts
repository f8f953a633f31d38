import type { PlacedBefore } from "./placement.ts";
import type { PlannedService } from "./services.ts";

type Slotted = Pick<PlannedService, "name" | "pipeline" | "role" | "listeners">;

export interface SlotsBefore {
  /** Where services are so far. */
  readonly placed: PlacedBefore;
  /** The slots they have there; labs from before these were kept have none, and then they go by number. */
  readonly slots: ReadonlyMap<string, number>;
}

/**
 * The slot of each service among those of its kind on its host: ports that are counted are that much higher. A service
 * that stays on its host keeps its own, so that its ports are not taken by one that comes; that takes the lowest free one.
 *
 * @param hosts the host of each service, by name
 */
export function slotsOf(
  services: readonly Slotted[],
  hosts: ReadonlyMap<string, string>,
  { placed, slots }: SlotsBefore,
): ReadonlyMap<string, number> {
  const taken = new Set<string>();
  const found = new Map<string, number>();
  const place = ({ name, pipeline, role }: Slotted, slot: number) =>
    `${pipeline}-${role} ${hosts.get(name)} ${slot}`;
  const isFree = (service: Slotted, slot: number) => !taken.has(place(service, slot));
  const give = (service: Slotted, slot: number) => {
    taken.add(place(service, slot));
    found.set(service.name, slot);
  };
  const counted = services.filter(
    (service) => hosts.has(service.name) && service.listeners.some((listener) => listener.counted === true),
  );
  const staying = counted.filter(({ name }) => placed.get(name) === hosts.get(name));
  for (const service of staying) {
    const slot = slots.get(service.name);
    if (slot !== undefined && isFree(service, slot)) give(service, slot);
  }
  for (const service of [...staying, ...counted]) {
    if (found.has(service.name)) continue;
    let slot = 0;
    while (!isFree(service, slot)) slot += 1;
    give(service, slot);
  }
  return found;
}
