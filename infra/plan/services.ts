import { consoleRoles } from "./console-roles.ts";
import type { ImagePlan } from "./images.ts";
import type { Memory, PipelinePlan, ServicePlan, StoreName, Uses } from "./parts.ts";

/**
 * Who may reach a port: clients of Kafka, its controllers, the ensemble of ZooKeeper, those who use a store, or a service by
 * its name.
 */
export type Audience = "kafka" | "quorum" | "ensemble" | StoreName | "service";

/** A port that a service listens on within its container. */
export interface Listener {
  readonly port: number;
  /** The key that moves it; undefined where none does. */
  readonly key?: string;
  /** Whether several such services on one host have consecutive ones, see {@link PlacedService.slot}. */
  readonly counted?: boolean;
  /** Undefined when only the operator uses it. */
  readonly audience?: Audience;
  /** Where the operator reaches it: services of one key have one port after the other, from `port` on. */
  readonly published?: { readonly port: number; readonly key: string };
}

/** A container of the configured lab, before it is placed. */
export interface PlannedService {
  /** Name as in the container's, without `edgelab-<stack>-`. */
  readonly name: string;
  /** The pipeline or the system that it belongs to. */
  readonly pipeline: string;
  readonly role: string;
  /** Number among the services of its pipeline and role, from 0: what keeps its host while others come and go. */
  readonly number: number;
  readonly image: ImagePlan;
  readonly memory: Memory;
  readonly listeners: readonly Listener[];
  readonly uses: Uses;
  readonly beside?: string;
  readonly namedBy?: string;
  /** What a pipeline says of it; undefined for Kafka and stores. */
  readonly plan?: ServicePlan;
}

/** A container of the configured lab and where it runs; its listeners have the ports that they have there. */
export interface PlacedService extends PlannedService {
  readonly host: string;
  /** By how much its counted ports are above those of the first of its kind there. */
  readonly slot: number;
}

/** Whether a service has a volume of its own, whose content would be lost on another host. */
export function holdsData({ plan }: Pick<PlannedService, "plan">): boolean {
  return plan === undefined || (plan.files ?? []).some(({ kind }) => kind === "volume");
}

/** What one pipeline has, by its name. */
export interface PipelinePart {
  readonly name: string;
  readonly plan: PipelinePlan;
}

/** Roles of Kafka, what coordinates it, the stores, and what shows their data. */
export const coreRoles = [
  "broker",
  "controller",
  "zookeeper",
  "database",
  "documents",
  "mqtt",
  ...consoleRoles,
] as const;

/** Whether a service is a client of Kafka. */
export function usesKafka({ reads = [], writes = [], kafka }: Uses): boolean {
  return kafka !== undefined || reads.length > 0 || writes.length > 0;
}
