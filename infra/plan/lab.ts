import type { KafkaStanding } from "../../lib/kafka-standing.ts";
import { type DocumentEngine, type Found, nothingFound } from "../config/found.ts";
import type { CoreConfig } from "../config/schema.ts";
import { type CommandPlan, plannedCommands } from "./commands.ts";
import { consolePart } from "./consoles.ts";
import { engineOf } from "./engines.ts";
import { buildOrder, type ImagePlan } from "./images.ts";
import { coordinationOf } from "./kafka.ts";
import { type NetworkLoad, networkLoad } from "./network.ts";
import type { TablesPlan } from "./parts.ts";
import { type PeerPort, peerPorts } from "./peers.ts";
import { type PlacedBefore, type PlannedHost, place, plannedHosts } from "./placement.ts";
import { plannedServices } from "./planned.ts";
import { type PublishedPort, publishedPorts } from "./ports.ts";
import type { PipelinePart, PlacedService, PlannedService } from "./services.ts";
import { type SlotsBefore, slotsOf } from "./slots.ts";
import { GB, type PlannedTopic, plannedTopics, tablesBytes, totalBytes } from "./topics.ts";

/** A machine and what the services on it need of it. */
export interface HostPlan extends PlannedHost {
  readonly services: readonly PlacedService[];
  readonly needs: {
    /** All limits together, and {@link systemMB}. */
    readonly memoryMB: number;
    /** What the topics on its brokers, the tables of its database and Kafka's coordination may take, and {@link systemGB}. */
    readonly diskGB: number;
  };
}

/** Everything that the configured lab consists of. All else is derived from it and knows no pipeline by name. */
export interface LabPlan {
  readonly hosts: readonly HostPlan[];
  /** What is run on them before any service, one after the other. */
  readonly commands: readonly CommandPlan[];
  /** Kafka, stores and the services of all pipelines, in the order in which they are made. */
  readonly services: readonly PlacedService[];
  readonly topics: readonly PlannedTopic[];
  readonly tables: readonly TablesPlan[];
  /** Those that services run on and those below, in the order in which they are built. */
  readonly images: readonly ImagePlan[];
  readonly ports: readonly PublishedPort[];
  readonly peers: readonly PeerPort[];
  readonly network: NetworkLoad;
  /** Where Kafka's nodes are, by which it can be said what it goes on without. */
  readonly standing: KafkaStanding;
  /** What the document store is, where there is one. */
  readonly documentEngine: DocumentEngine;
  /** The pipelines that are on, and the consoles. */
  readonly pipelines: readonly PipelinePart[];
}

/** MB of a host that are left to its system and to Docker. */
export const systemMB = 512;
/** GB of a host that images and the system's own growth take. */
export const systemGB = 8;
/**
 * GB of a node that coordinates Kafka: some snapshots of what it knows, of a few MB each, and the logs since, which are
 * cleared by the hour (ZooKeeper) or above 100 MB (KRaft's metadata.max.retention.bytes).
 */
const coordinatorGB = 1;

/**
 * The plan of a lab with these pipelines. Pure: the same config for a lab that is the same so far has the same plan.
 *
 * @param before where services are already, which they do not leave without need
 * @param found what there is beside config
 */
export function planOf(
  core: CoreConfig,
  pipelines: readonly PipelinePart[],
  before: PlacedBefore = new Map(),
  found: Found = nothingFound,
): LabPlan {
  const engine = engineOf(core, before, found);
  const parts = [...pipelines, ...consolePart(core, pipelines, found)];
  const planned = plannedServices(core, parts, engine);
  const services = placed(core, planned, { placed: before, slots: found.slots ?? new Map() });
  const topics = plannedTopics(core, pipelines);
  const tables = pipelines.flatMap(({ plan }) => plan.tables ?? []);
  const diskGB = {
    broker: totalBytes(topics) / GB / core.kafka.brokers,
    database: tablesBytes(tables) / GB,
  };
  return {
    hosts: plannedHosts(core).map((host) => hostPlan(host, services, diskGB)),
    commands: plannedCommands(core),
    services,
    topics,
    tables,
    images: buildOrder(planned.map(({ image }) => image)),
    ports: publishedPorts(planned, core.ports.offset),
    peers: peerPorts(services),
    network: networkLoad(topics, services),
    standing: standingOf(core, services),
    documentEngine: engine,
    pipelines: parts,
  };
}

function placed(core: CoreConfig, planned: readonly PlannedService[], before: SlotsBefore): PlacedService[] {
  const hosts = place(core, planned, before.placed);
  // On a machine of its own network every container has all ports for itself.
  const slots = core.target === "local" ? new Map<string, number>() : slotsOf(planned, hosts, before);
  return planned.flatMap((service) => {
    const host = hosts.get(service.name);
    if (host === undefined) return [];
    const slot = slots.get(service.name) ?? 0;
    const listeners = service.listeners.map((listener) =>
      listener.counted === true ? { ...listener, port: listener.port + slot } : listener,
    );
    return [{ ...service, listeners, host, slot }];
  });
}

function standingOf(core: CoreConfig, services: readonly PlacedService[]): KafkaStanding {
  const { by, voters } = coordinationOf(core);
  const hostsOf = (role: string) => services.filter((one) => one.role === role).map(({ host }) => host);
  const brokers = hostsOf("broker");
  const { replication, minInsync } = core.kafka;
  return {
    voters:
      by === "combined" ? brokers.slice(0, voters) : hostsOf(by === "zookeeper" ? "zookeeper" : "controller"),
    brokers,
    replication,
    minInsync,
  };
}

function hostPlan(
  host: PlannedHost,
  all: readonly PlacedService[],
  diskGB: Readonly<Record<"broker" | "database", number>>,
): HostPlan {
  const services = all.filter((service) => service.host === host.name);
  const count = (role: string) => services.filter((service) => service.role === role).length;
  const coordinators = count("zookeeper") + count("controller");
  const dataGB =
    count("broker") * diskGB.broker + count("database") * diskGB.database + coordinators * coordinatorGB;
  return {
    ...host,
    services,
    needs: {
      memoryMB: services.reduce((sum, { memory }) => sum + memory.MB, systemMB),
      diskGB: Math.ceil(systemGB + dataGB),
    },
  };
}
