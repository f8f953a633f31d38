import type { CoreConfig } from "../config/schema.ts";

/** Number of the OUTSIDE listener within a broker's container. */
export const outsidePort = 29_092;
/** Port of a ZooKeeper node's admin server within its container. */
export const adminPort = 9090;

/** Brokers that are controllers as well: the first one, three or five, since an even number adds no safety. */
export function controllerCount(brokers: number): number {
  return brokers >= 5 ? 5 : brokers >= 3 ? 3 : 1;
}

/** The nodes that a cluster is coordinated by. */
export interface Coordination {
  /** `combined` where they are its first brokers, else what they are instead. */
  readonly by: "combined" | "controllers" | "zookeeper";
  /** How many vote. */
  readonly voters: number;
}

export function coordinationOf({ kafka, zookeeper }: Pick<CoreConfig, "kafka" | "zookeeper">): Coordination {
  if (kafka.mode === "zookeeper") return { by: "zookeeper", voters: zookeeper.nodes };
  return kafka.controllers === "combined"
    ? { by: "combined", voters: controllerCount(kafka.brokers) }
    : { by: "controllers", voters: Number(kafka.controllers) };
}

/** Name of a ZooKeeper node's service. @param number from 0 */
export function zookeeperName(number: number): string {
  return `zookeeper-${number + 1}`;
}
