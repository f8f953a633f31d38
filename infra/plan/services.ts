import { documentsPort } from "../../apps/common/documents-variables.ts";
import { mqttPort } from "../../apps/common/mqtt-variables.ts";
import { postgresPort } from "../../apps/common/postgres-variables.ts";
import type { CoreConfig } from "../config/schema.ts";
import { type ImagePlan, systemImage } from "./images.ts";
import { controllerCount, outsidePort } from "./kafka.ts";
import {
  type Memory,
  type PipelinePlan,
  type ServicePlan,
  type StoreName,
  storesOf,
  type Uses,
} from "./parts.ts";

/** Who may reach a port: clients of Kafka, its controllers, those who use a store, or a service by its name. */
export type Audience = "kafka" | "quorum" | StoreName | "service";

/** A port that a service listens on within its container. */
export interface Listener {
  readonly port: number;
  /** The key that moves it; undefined where none does. */
  readonly key?: string;
  /** Whether it is one higher for each such service of a lower number on its host. */
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

/** Port of an app's HTTP side within its container. */
const httpPort = 8080;

/** Every container that the configured lab has: Kafka, the stores that are used, and those of the pipelines. */
export function plannedServices(core: CoreConfig, parts: readonly PipelinePart[]): readonly PlannedService[] {
  const used = new Set(parts.flatMap(({ plan }) => plan.services.flatMap(({ uses }) => storesOf(uses))));
  return [
    ...brokers(core),
    ...stores(core).filter(({ name }) => used.has(name)),
    ...parts.flatMap(({ name, plan }) => ofPipeline(name, plan.services)),
  ];
}

/** Roles of Kafka and the stores. */
export const coreRoles = ["broker", "database", "documents", "mqtt"] as const;

function brokers({ kafka }: CoreConfig): PlannedService[] {
  const voters = controllerCount(kafka.brokers);
  return Array.from({ length: kafka.brokers }, (_, id) => ({
    name: brokerName(id),
    pipeline: "kafka",
    role: "broker",
    number: id,
    image: systemImage("kafka"),
    memory: {
      MB: kafka.memoryMB,
      key: "kafka.memoryMB",
      least: Math.max(512, Math.ceil(kafka.heapMB * 1.5)),
    },
    listeners: [
      { port: kafka.insidePort, key: "kafka.insidePort", counted: true, audience: "kafka" },
      ...(id < voters
        ? [
            {
              port: kafka.controllerPort,
              key: "kafka.controllerPort",
              counted: true,
              audience: "quorum" as const,
            },
          ]
        : []),
      { port: outsidePort, published: { port: kafka.outsidePort, key: "kafka.outsidePort" } },
    ],
    uses: {},
  }));
}

/** Every store that a lab can have. */
function stores({ postgres, documents, mqtt }: CoreConfig): (PlannedService & { name: StoreName })[] {
  return [
    store("postgres", "database", postgresPort, postgres, 256),
    store("documents", "documents", documentsPort, documents, 128),
    store("mqtt", "mqtt", mqttPort, mqtt, 64),
  ];
}

/** @param least MB that its memory limit may be lowered to */
function store(
  name: StoreName,
  role: (typeof coreRoles)[number],
  listensOn: number,
  { port, memoryMB }: { readonly port: number; readonly memoryMB: number },
  least: number,
): PlannedService & { name: StoreName } {
  return {
    name,
    pipeline: name,
    role,
    number: 0,
    image: systemImage(imageOf[name]),
    memory: { MB: memoryMB, key: `${name}.memoryMB`, least },
    listeners: [{ port: listensOn, audience: name, published: { port, key: `${name}.port` } }],
    uses: {},
  };
}

const imageOf: Readonly<Record<StoreName, string>> = {
  postgres: "postgres",
  documents: "documents",
  mqtt: "mosquitto",
};

function ofPipeline(pipeline: string, services: readonly ServicePlan[]): PlannedService[] {
  const counts = new Map<string, number>();
  return services.map((plan) => {
    const { name, role, image, memory, http, offers, uses, beside, namedBy } = plan;
    const number = counts.get(role) ?? 0;
    counts.set(role, number + 1);
    const listener: Listener = {
      port: offers ?? httpPort,
      ...(offers === undefined ? {} : { audience: "service" }),
      published: http,
    };
    return {
      name,
      pipeline,
      role,
      number,
      image,
      memory,
      listeners: [listener],
      uses,
      plan,
      ...(beside === undefined ? {} : { beside }),
      ...(namedBy === undefined ? {} : { namedBy }),
    };
  });
}

/** Whether a service is a client of Kafka. */
export function usesKafka({ reads = [], writes = [] }: Uses): boolean {
  return reads.length > 0 || writes.length > 0;
}

/** Name of a broker's service. @param id from 0 */
export function brokerName(id: number): string {
  return `kafka-${id}`;
}
