import { type StoreName, storeNames, storesOf } from "./parts.ts";
import type { PlannedService } from "./services.ts";

/** The network that all services but stores and ZooKeeper are on, and Kafka with them. */
export const mainNetwork = "network";

type Service = Pick<PlannedService, "name" | "role" | "uses">;

/**
 * The Docker networks of one machine that a service is on: a store is on its own alone, which those who use it are on as
 * well, so that nobody else reaches it; and so is the ZooKeeper ensemble.
 *
 * @param all the services of the lab
 */
export function networksOf(service: Service, all: readonly Service[]): readonly string[] {
  const own = ownNetwork(service);
  if (own !== undefined) return [own];
  const used = all.filter(({ name }) => service.uses.services?.includes(name));
  const apart = used.map(ownNetwork).filter((network) => network !== undefined);
  return [...new Set([mainNetwork, ...storesOf(service.uses).map(networkOf), ...apart])];
}

/** The network that a service is on alone, or with those of its role. */
function ownNetwork({ name, role }: Service): string | undefined {
  const store = storeNames.find((one) => one === name);
  return store === undefined ? (role === "zookeeper" ? networkOf(role) : undefined) : networkOf(store);
}

const networkOf = (of: StoreName | "zookeeper") => `${of}-network`;
