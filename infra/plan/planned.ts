import { documentsPort } from "../../apps/common/documents-variables.ts";
import { mqttPort } from "../../apps/common/mqtt-variables.ts";
import { postgresPort } from "../../apps/common/postgres-variables.ts";
import type { DocumentEngine } from "../config/found.ts";
import type { CoreConfig } from "../config/schema.ts";
import { type ImagePlan, pulledImage, systemImage } from "./images.ts";
import { kafkaServices } from "./kafka-services.ts";
import { type ServicePlan, type StoreName, storesOf } from "./parts.ts";
import type { coreRoles, Listener, PipelinePart, PlannedService } from "./services.ts";

/** Port of an app's HTTP side within its container. */
const httpPort = 8080;

/** Every container that the configured lab has: Kafka, the stores that are used, and those of the pipelines. */
export function plannedServices(
  core: CoreConfig,
  parts: readonly PipelinePart[],
  engine: DocumentEngine,
): readonly PlannedService[] {
  const used = new Set(parts.flatMap(({ plan }) => plan.services.flatMap(({ uses }) => storesOf(uses))));
  return [
    ...kafkaServices(core),
    ...stores(core, engine).filter(({ name }) => used.has(name)),
    ...parts.flatMap(({ name, plan }) => ofPipeline(name, plan.services)),
  ];
}

/** Every store that a lab can have. */
function stores(
  { postgres, documents, mqtt }: CoreConfig,
  engine: DocumentEngine,
): (PlannedService & { name: StoreName })[] {
  const [documentsImage, leastMB] = engines[engine];
  return [
    store("postgres", "database", systemImage("postgres"), postgresPort, postgres, 256),
    store("documents", "documents", documentsImage, documentsPort, documents, leastMB),
    store("mqtt", "mqtt", systemImage("mosquitto"), mqttPort, mqtt, 64),
  ];
}

/** @param least MB that its memory limit may be lowered to */
function store(
  name: StoreName,
  role: (typeof coreRoles)[number],
  image: ImagePlan,
  listensOn: number,
  { port, memoryMB }: { readonly port: number; readonly memoryMB: number },
  least: number,
): PlannedService & { name: StoreName } {
  return {
    name,
    pipeline: name,
    role,
    number: 0,
    image,
    memory: { MB: memoryMB, key: `${name}.memoryMB`, least },
    listeners: [{ port: listensOn, audience: name, published: { port, key: `${name}.port` } }],
    uses: {},
  };
}

/** The image of each engine, and the MB that it cannot do without. */
const engines: Readonly<Record<DocumentEngine, readonly [ImagePlan, number]>> = {
  ferretdb: [systemImage("documents"), 128],
  mongodb: [pulledImage("mongodb", { kind: "checkout" }), 512],
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
