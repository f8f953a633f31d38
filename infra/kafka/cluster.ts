import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../../lib/ssh/connection.ts";
import type { CoreConfig } from "../config/schema.ts";
import type { LabImages } from "../containers/images.ts";
import type { Service } from "../containers/service.ts";
import { controllerName, coordinationOf } from "../plan/kafka.ts";
import type { PlacedService } from "../plan/services.ts";
import { ClusterIdentity } from "../resources/cluster-identity.ts";
import {
  type AddressArgs,
  brokerAddresses,
  controllerAddresses,
  firstControllerId,
  isVoter,
  type PlacedBroker,
} from "./addresses.ts";
import { controllerProperties, quorumProperties, zookeeperProperties } from "./coordination.ts";
import { Ensemble } from "./ensemble.ts";
import { flushSettings } from "./flush.ts";
import { type NodeArgs, runBroker, runController } from "./node.ts";

export interface ClusterArgs extends AddressArgs {
  images: LabImages;
  config: Pick<CoreConfig, "kafka" | "zookeeper" | "keepData">;
}

/**
 * A Kafka cluster, coordinated by its own brokers, by controllers beside them, or by ZooKeeper. Created when every broker
 * answers, which it does only as a member of the cluster.
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
  /** The nodes of the ZooKeeper ensemble, with the base URL of each one's admin server; empty where there is none. */
  readonly zookeepers: Ensemble["admins"];

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("edgelab:kafka:Cluster", name, {}, opts);
    const { config } = args;
    const { kafka } = config;
    const addresses = brokerAddresses(args);
    const { by, voters } = coordinationOf(config);
    const { clusterId } = new ClusterIdentity(
      `${name}-identity`,
      { controllers: voters, by, version: kafka.version },
      { parent: this },
    );
    const ensemble = by === "zookeeper" ? ensembleOf(args, this) : undefined;
    this.zookeepers = ensemble?.admins ?? [];
    this.brokers =
      ensemble === undefined
        ? this.#withQuorum(name, args, addresses, clusterId)
        : addresses.map((address) => {
            const properties = zookeeperProperties(address, ensemble.connect);
            const node = { ...nodeArgs(args), properties, clusterId: undefined };
            return runBroker(name, node, address, ensemble.nodes, this);
          });
    this.topicDefaults = flushSettings(kafka);
    this.insideServers = addresses.map(({ inside }) => inside.peer);
    this.outsideServers = addresses.map(({ advertisedOutside }) => advertisedOutside);
    this.access = addresses.flatMap(({ host, outside }) =>
      host.connection === undefined ? [] : [{ connection: host.connection, ports: [outside.listenPort] }],
    );
    this.registerOutputs({ outsideServers: this.outsideServers });
  }

  /** Brokers that a quorum of their own, or of controllers beside them, coordinates. */
  #withQuorum(
    name: string,
    args: ClusterArgs,
    addresses: readonly PlacedBroker[],
    clusterId: pulumi.Input<string>,
  ): Service[] {
    const apart = controllerAddresses(args);
    const combined = addresses.filter(isVoter);
    const voters = apart.length > 0 ? apart : combined;
    const common = { ...nodeArgs(args), clusterId };
    const run = (address: PlacedBroker, after: readonly Service[]) => {
      const properties = quorumProperties(address, voters);
      return runBroker(name, { ...common, properties }, address, after, this);
    };
    const controllers = apart.map((voter) => {
      const properties = controllerProperties(voter, voters);
      return runController(
        controllerName(voter.id - firstControllerId),
        { ...common, properties },
        voter,
        this,
      );
    });
    // A node answers only once the quorum stands, so all that vote must be able to start side by side.
    const voting = combined.map((address) => run(address, []));
    const others = addresses.filter((address) => !isVoter(address));
    return [...voting, ...others.map((address) => run(address, [...controllers, ...voting]))];
  }
}

function nodeArgs({ lab, images, plan, config }: ClusterArgs): Omit<NodeArgs, "properties" | "clusterId"> {
  return { lab, image: images.of(plannedOf(plan, "broker").image), config };
}

function ensembleOf({ images, ...args }: ClusterArgs, parent: pulumi.Resource): Ensemble {
  const image = images.of(plannedOf(args.plan, "zookeeper").image);
  return new Ensemble("zookeeper", { ...args, image }, { parent });
}

function plannedOf({ services }: AddressArgs["plan"], role: string): PlacedService {
  const found = services.find((service) => service.role === role);
  if (found === undefined) throw new Error(`no ${role} is among the planned services`);
  return found;
}
