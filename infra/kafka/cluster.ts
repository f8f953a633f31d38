import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../../lib/ssh/connection.ts";
import type { CoreConfig } from "../config/schema.ts";
import type { LabImage } from "../containers/image.ts";
import { checkTimes, inMemory, Service } from "../containers/service.ts";
import { dataVolume } from "../containers/volume.ts";
import type { Binding, Host, LabHosts, PortRequest } from "../hosts/host.ts";
import type { Lab } from "../lab.ts";
import type { LabPlan } from "../plan/lab.ts";
import type { Audience, PlacedService } from "../plan/services.ts";
import { ClusterIdentity } from "../resources/cluster-identity.ts";
import { flushSettings } from "./flush.ts";
import { type BrokerAddress, listenerProperties, type Voter } from "./listeners.ts";

export interface ClusterArgs {
  lab: Lab;
  hosts: LabHosts;
  image: LabImage;
  config: Pick<CoreConfig, "kafka" | "keepData">;
  plan: Pick<LabPlan, "services" | "ports">;
}

interface Broker extends BrokerAddress {
  readonly host: Host;
  readonly controller?: Binding;
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
  /** How the operator's machine gets at `outsideServers`; empty when it reaches them directly. */
  readonly access: readonly { connection: pulumi.Output<Connection>; ports: number[] }[];
  /** Settings that all topics of the lab share. */
  readonly topicDefaults: Readonly<Record<string, string>>;
  /** What must be up before a client of the cluster can be of use. */
  readonly brokers: readonly Service[];

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("edgelab:kafka:Cluster", name, {}, opts);
    const { lab, hosts, config, plan } = args;
    const published = new Map(plan.ports.map(({ service, port }) => [service, port]));
    const addresses = plan.services
      .filter(({ role }) => role === "broker")
      .map((service): Broker => {
        const host = hosts.hostOf(service.name);
        const outside = published.get(service.name);
        if (outside === undefined) throw new Error(`${service.name} has no published port`);
        const bind = (request: PortRequest) => host.bind(lab.resourceName(service.name), request);
        return {
          id: service.number,
          host,
          inside: bind({ port: portFor(service, "kafka"), peers: true }),
          ...(service.listeners.some(({ audience }) => audience === "quorum")
            ? { controller: bind({ port: portFor(service, "quorum"), peers: true }) }
            : {}),
          outside: bind({ port: portFor(service, undefined), published: outside, peers: false }),
          advertisedOutside: `${host.operatorAddress}:${outside}`,
        };
      });
    const controllers = addresses.filter(isVoter);
    const { clusterId } = new ClusterIdentity(
      `${name}-identity`,
      { controllers: controllers.length },
      { parent: this },
    );

    const broker = (address: Broker, after: readonly Service[]) => {
      const { host } = address;
      const brokerName = `${name}-${address.id}`;
      const { keepData } = config;
      const volume = dataVolume(`${brokerName}-data`, { lab, host, pipeline: "kafka", keepData }, this);
      return new Service(
        brokerName,
        {
          lab,
          host,
          pipeline: "kafka",
          role: "broker",
          image: args.image,
          env: {
            KAFKA_CLUSTER_ID: clusterId,
            // The one folder beside the data that it may write to.
            KAFKA_RUN: "/tmp",
            KAFKA_HEAP_MB: String(config.kafka.heapMB),
            ...asEnv(listenerProperties(address, controllers)),
            ...asEnv(brokerProperties(config.kafka)),
          },
          bindings: [address.outside],
          volumes: [{ volume, path: "/var/lib/kafka" }],
          // Java unpacks its codecs there, to load them from there.
          tmpfs: { "/tmp": inMemory.replace("noexec", "exec") },
          health: {
            // The one listener that is on the loopback address wherever the broker runs.
            command: ["/opt/kafka/bin/healthy", String(address.outside.listenPort)],
            ...checkTimes,
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
    const others = addresses.filter((address) => !isVoter(address)).map((address) => broker(address, voters));
    this.topicDefaults = flushSettings(config.kafka);
    this.brokers = [...voters, ...others];
    this.insideServers = addresses.map(({ inside }) => inside.peer);
    this.outsideServers = addresses.map(({ advertisedOutside }) => advertisedOutside);
    this.access = addresses.flatMap(({ host, outside }) =>
      host.connection === undefined ? [] : [{ connection: host.connection, ports: [outside.listenPort] }],
    );
    this.registerOutputs({ outsideServers: this.outsideServers });
  }
}

/** The port that a broker has for an audience; for none, the operator's. @throws when it was not planned */
function portFor({ name, listeners }: PlacedService, audience: Audience | undefined): number {
  const found = listeners.find((listener) => listener.audience === audience);
  if (found === undefined) throw new Error(`${name} has no port for ${audience ?? "the operator"}`);
  return found.port;
}

/** @param broker one of a plan that says which of them vote */
function isVoter(broker: Broker): broker is Broker & Voter {
  return broker.controller !== undefined;
}

/** Settings that all brokers of a cluster share, as `server.properties` names. */
function brokerProperties(settings: CoreConfig["kafka"]): Record<string, string> {
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
    // How often it is looked for topics whose flush.ms is over; by default never, which leaves those without effect.
    "log.flush.scheduler.interval.ms": "1000",
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
