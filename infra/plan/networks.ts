import { storeNames, storesOf } from "./parts.ts";
import type { PlannedService } from "./services.ts";

/** The network that all services but stores are on, and Kafka with them. */
export const mainNetwork = "network";

/**
 * The Docker networks of one machine that a service is on: a store is on its own alone, which those who use it are on as
 * well, so that nobody else reaches it.
 */
export function networksOf({ name, uses }: Pick<PlannedService, "name" | "uses">): readonly string[] {
  const store = storeNames.find((one) => one === name);
  return store === undefined ? [mainNetwork, ...storesOf(uses).map(storeNetwork)] : [storeNetwork(store)];
}

const storeNetwork = (store: string) => `${store}-network`;
