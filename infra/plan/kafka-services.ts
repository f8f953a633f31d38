import { brokerName, controllerName } from "../../lib/kafka-nodes.ts";
import { zookeeperKafka } from "../../lib/kafka-versions.ts";
import type { CoreConfig } from "../config/schema.ts";
import { type ImagePlan, systemImage } from "./images.ts";
import { adminPort, coordinationOf, outsidePort, zookeeperName } from "./kafka.ts";
import type { Listener, PlannedService } from "./services.ts";

const java = systemImage("kafka");
const kafkaImage = (version: string): ImagePlan => systemImage(`kafka-${version}`, java);

/** The nodes of the cluster: what coordinates it where brokers do not themselves, then the brokers. */
export function kafkaServices(core: CoreConfig): readonly PlannedService[] {
  const { by, voters } = coordinationOf(core);
  const coordinators = by === "combined" ? [] : by === "zookeeper" ? zookeepers(core) : controllers(core);
  return [...coordinators, ...brokers(core, by === "combined" ? voters : 0, coordinators)];
}

function numbered<T>(count: number, make: (number: number) => T): T[] {
  return Array.from({ length: count }, (_, number) => make(number));
}

/** @param voters how many of them, from the first, are controllers as well */
function brokers(
  { kafka }: CoreConfig,
  voters: number,
  coordinators: readonly PlannedService[],
): PlannedService[] {
  const uses = coordinators.length === 0 ? {} : { services: coordinators.map(({ name }) => name) };
  return numbered(kafka.brokers, (id) => ({
    name: brokerName(id),
    pipeline: "kafka",
    role: "broker",
    number: id,
    image: kafkaImage(kafka.version),
    memory: {
      MB: kafka.memoryMB,
      key: "kafka.memoryMB",
      least: Math.max(512, Math.ceil(kafka.heapMB * 1.5)),
    },
    listeners: [
      { port: kafka.insidePort, key: "kafka.insidePort", counted: true, audience: "kafka" },
      ...(id < voters ? [quorumListener(kafka)] : []),
      { port: outsidePort, published: { port: kafka.outsidePort, key: "kafka.outsidePort" } },
    ],
    uses,
  }));
}

function controllers(core: CoreConfig): PlannedService[] {
  const { kafka } = core;
  return numbered(coordinationOf(core).voters, (number) => ({
    name: controllerName(number),
    pipeline: "kafka",
    role: "controller",
    number,
    image: kafkaImage(kafka.version),
    memory: {
      MB: kafka.controllerMemoryMB,
      key: "kafka.controllerMemoryMB",
      least: Math.max(256, Math.ceil(kafka.controllerHeapMB * 1.5)),
    },
    listeners: [quorumListener(kafka)],
    uses: {},
  }));
}

function quorumListener({ controllerPort: port }: CoreConfig["kafka"]): Listener {
  return { port, key: "kafka.controllerPort", counted: true, audience: "quorum" };
}

function zookeepers({ zookeeper }: CoreConfig): PlannedService[] {
  const { nodes, memoryMB, heapMB, clientPort, peerPort, electionPort } = zookeeper;
  const least = Math.max(192, Math.ceil(heapMB * 1.5));
  return numbered(nodes, (number) => ({
    name: zookeeperName(number),
    pipeline: "zookeeper",
    role: "zookeeper",
    number,
    image: systemImage("zookeeper", kafkaImage(zookeeperKafka)),
    memory: { MB: memoryMB, key: "zookeeper.memoryMB", least },
    listeners: [
      { port: clientPort, key: "zookeeper.clientPort", counted: true, audience: "service" },
      { port: peerPort, key: "zookeeper.peerPort", counted: true, audience: "ensemble" },
      { port: electionPort, key: "zookeeper.electionPort", counted: true, audience: "ensemble" },
      { port: adminPort, published: { port: zookeeper.adminPort, key: "zookeeper.adminPort" } },
    ],
    uses: {},
  }));
}
