import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { LabConfig } from "../config.schema.ts";
import type { Host } from "../hosts/host.ts";
import type { LabImage } from "../image.ts";
import { type Lab, labels } from "../lab.ts";
import { allocatePorts, portsOf } from "../ports.ts";
import { Service } from "../service.ts";
import { ClusterIdentity } from "./identity.ts";
import { type BrokerAddress, controllerCount, listenerPorts, listenerProperties } from "./listeners.ts";

export interface ClusterArgs {
  lab: Lab;
  /** The machine that all brokers run on. */
  host: Host;
  image: LabImage;
  config: LabConfig;
}

/**
 * A Kafka cluster in KRaft mode: every node is a broker, the first one, three or five are controllers as well.
 * Created when every broker answers, which it does only as a member of the quorum.
 */
export class Cluster extends pulumi.ComponentResource {
  /** For clients inside the lab. */
  readonly insideServers: readonly string[];
  /** For clients on the operator's machine. */
  readonly outsideServers: readonly string[];
  /** What must be up before a client of the cluster can be of use. */
  readonly brokers: readonly Service[];

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("edgelab:kafka:Cluster", name, {}, opts);
    const { lab, host, config } = args;
    const outsidePorts = portsOf(allocatePorts(config), "kafka.outsidePort");
    const addresses = outsidePorts.map(
      (port, id): BrokerAddress => ({
        id,
        inside: host.peerAddress(lab.resourceName(`${name}-${id}`)),
        outside: { host: host.operatorAddress, port },
      }),
    );
    const controllers = addresses.slice(0, controllerCount(addresses.length));
    const { clusterId } = new ClusterIdentity(
      `${name}-identity`,
      { controllers: controllers.length },
      { parent: this },
    );

    const broker = (address: BrokerAddress, after: readonly Service[]) => {
      const brokerName = `${name}-${address.id}`;
      const volume = new docker.Volume(
        `${brokerName}-data`,
        {
          name: lab.resourceName(`${brokerName}-data`),
          labels: labels(lab, { pipeline: "kafka", role: "data" }),
        },
        { parent: this, provider: host.provider, retainOnDelete: config.keepData },
      );
      return new Service(
        brokerName,
        {
          lab,
          host,
          pipeline: "kafka",
          role: "broker",
          image: args.image.imageId,
          env: {
            KAFKA_CLUSTER_ID: clusterId,
            KAFKA_HEAP_MB: String(config.kafka.heapMB),
            ...asEnv(listenerProperties(address, controllers)),
            ...asEnv(brokerProperties(config.kafka)),
          },
          ports: [{ internal: listenerPorts.OUTSIDE, published: address.outside.port }],
          volumes: [{ volume, path: "/var/lib/kafka" }],
          health: {
            command: ["/opt/kafka/bin/healthy"],
            intervalSeconds: 5,
            timeoutSeconds: 5,
            retries: 6,
            startSeconds: 60,
            waitSeconds: 180,
          },
          memoryMB: config.kafka.memoryMB,
          stopSeconds: 30,
        },
        { parent: this, dependsOn: [...after] },
      );
    };
    // A broker answers only once the quorum stands, so all controllers must be able to start side by side.
    const voters = controllers.map((address) => broker(address, []));
    const others = addresses.slice(controllers.length).map((address) => broker(address, voters));
    this.brokers = [...voters, ...others];
    this.insideServers = addresses.map(({ inside }) => `${inside}:${listenerPorts.INSIDE}`);
    this.outsideServers = addresses.map(({ outside }) => `${outside.host}:${outside.port}`);
    this.registerOutputs({ outsideServers: this.outsideServers });
  }
}

/** Settings that all brokers of a cluster share, as `server.properties` names. */
function brokerProperties(settings: LabConfig["kafka"]): Record<string, string> {
  const internalReplication = Math.min(3, settings.brokers);
  // Kafka's own topics inherit it, and with more than they have replicas no consumer could commit. Topics of the
  // stack each have their own.
  const internalInsync = String(Math.min(settings.minInsync, internalReplication));
  const maxBytes = String(settings.maxMessageKB * 1024);
  return {
    "default.replication.factor": String(settings.replication),
    "min.insync.replicas": internalInsync,
    "offsets.topic.replication.factor": String(internalReplication),
    "offsets.topic.num.partitions": "12",
    "transaction.state.log.replication.factor": String(internalReplication),
    "transaction.state.log.min.isr": internalInsync,
    "transaction.state.log.num.partitions": "12",
    // Topics are resources of the stack; one that a misspelt name conjures up would be nobody's.
    "auto.create.topics.enable": "false",
    "num.network.threads": "3",
    "num.io.threads": "8",
    "log.segment.bytes": String(settings.segmentMB * 1024 * 1024),
    "message.max.bytes": maxBytes,
    "replica.fetch.max.bytes": maxBytes,
    // Long enough for the members of one deployment to join together, short enough not to be felt.
    "group.initial.rebalance.delay.ms": "500",
  };
}

/** `log.segment.bytes` → `KAFKA_CFG_LOG_SEGMENT_BYTES`, which the image's entrypoint turns back. */
function asEnv(properties: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [
      `KAFKA_CFG_${key.toUpperCase().replaceAll(".", "_")}`,
      value,
    ]),
  );
}
