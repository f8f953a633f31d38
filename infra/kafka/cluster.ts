import * as pulumi from "@pulumi/pulumi";
import { controllerName, firstControllerId } from "../../lib/kafka-nodes.ts";
import type { Connection } from "../../lib/ssh/connection.ts";
import type { CoreConfig } from "../config/schema.ts";
import type { LabImages } from "../containers/images.ts";
import type { Service } from "../containers/service.ts";
import { coordinationOf } from "../plan/kafka.ts";
import type { PlacedService } from "../plan/services.ts";
import { ClusterIdentity } from "../resources/cluster-identity.ts";
import { Quorum } from "../resources/quorum.ts";
import {
  type AddressArgs,
  brokerAddresses,
  controllerAddresses,
  isVoter,
  type PlacedBroker,
  type PlacedVoter,
} from "./addresses.ts";
import {
  controllerProperties,
  type FindsQuorum,
  quorumProperties,
  voterAt,
  zookeeperProperties,
} from "./coordination.ts";
import { Ensemble } from "./ensemble.ts";
import { flushSettings } from "./flush.ts";
import { endpointOf, quorumEnv, serversOf } from "./growing-quorum.ts";
import { type NodeArgs, runBroker, runController } from "./node.ts";
import { type RollingNode, Turns } from "./rolling.ts";

export interface ClusterArgs extends AddressArgs {
  images: LabImages;
  config: Pick<CoreConfig, "kafka" | "zookeeper" | "keepData">;
}

/** As many as a partition has replicas: with all of them away, there is nothing to write to or to read from either. */
const bootstrapBrokers = 3;

/**
 * A Kafka cluster, coordinated by its own brokers, by controllers beside them, or by ZooKeeper. Created when every broker
 * answers, which it does only as a member of the cluster.
 */
export class Cluster extends pulumi.ComponentResource {
  /**
   * What clients begin with, inside the lab and on the operator's machine: the first brokers, which stay the same when
   * others come and go, so that no client is made anew for it. From these it learns of all.
   */
  readonly bootstrap: { readonly inside: readonly string[]; readonly outside: readonly string[] };
  /** Every broker, for clients on the operator's machine. */
  readonly outsideServers: readonly string[];
  /** The host of each broker. */
  readonly places: readonly { readonly id: number; readonly host: string }[];
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
    const apart = controllerAddresses(args);
    const identity = new ClusterIdentity(
      `${name}-identity`,
      {
        controllers: voters,
        by,
        version: kafka.version,
        ...(apart.length === 0 ? {} : { first: apart.map(voterAt) }),
      },
      { parent: this },
    );
    this.bootstrap = {
      inside: addresses.slice(0, bootstrapBrokers).map(({ inside }) => inside.peer),
      outside: addresses.slice(0, bootstrapBrokers).map(({ advertisedOutside }) => advertisedOutside),
    };
    this.outsideServers = addresses.map(({ advertisedOutside }) => advertisedOutside);
    this.access = addresses.flatMap(({ host, outside }) =>
      host.connection === undefined ? [] : [{ connection: host.connection, ports: [outside.listenPort] }],
    );
    this.places = addresses.map(({ id, host }) => ({ id, host: host.name }));
    const turns = new Turns({
      lab: args.lab,
      groups: rollingNodes(name, args, addresses),
      bootstrapServers: this.bootstrap.outside,
      access: this.access,
    });
    const ensemble = by === "zookeeper" ? ensembleOf({ ...args, turns }, this) : undefined;
    this.zookeepers = ensemble?.admins ?? [];
    this.brokers =
      ensemble === undefined
        ? apart.length === 0
          ? this.#combined(name, { ...args, turns }, addresses, identity)
          : this.#withControllers(name, { ...args, turns }, addresses, apart, identity)
        : addresses.map((address) => {
            const properties = zookeeperProperties(address, ensemble.connect);
            const node = { ...nodeArgs({ ...args, turns }), properties, clusterId: undefined };
            return runBroker(name, node, address, ensemble.nodes, this);
          });
    this.topicDefaults = flushSettings(kafka);
    this.registerOutputs({ outsideServers: this.outsideServers });
  }

  /** Brokers of which the first are controllers as well. */
  #combined(
    name: string,
    args: TurningArgs,
    addresses: readonly PlacedBroker[],
    { clusterId }: ClusterIdentity,
  ): Service[] {
    const voters = addresses.filter(isVoter);
    const run = (address: PlacedBroker, after: readonly Service[]) => {
      const node = { ...nodeArgs(args), clusterId, properties: quorumProperties(address, { voters }) };
      return runBroker(name, node, address, after, this);
    };
    // A node answers only once the quorum stands, so all that vote must be able to start side by side.
    const voting = voters.map((address) => run(address, []));
    const others = addresses.filter((address) => !isVoter(address));
    return [...voting, ...others.map((address) => run(address, voting))];
  }

  /** Brokers that controllers beside them coordinate. */
  #withControllers(
    name: string,
    args: TurningArgs,
    addresses: readonly PlacedBroker[],
    voters: readonly PlacedVoter[],
    { clusterId, firstVoters }: ClusterIdentity,
  ): Service[] {
    const sharedName = args.lab.resourceName("kafka-controllers");
    const servers = serversOf(voters, sharedName);
    // In a lab from before a quorum could grow, who votes is a fixed list.
    const quorum = firstVoters.apply((first): FindsQuorum => (first === "" ? { voters } : { servers }));
    const common = { ...nodeArgs(args), clusterId };
    const controllers = voters.map((voter) => {
      const env = firstVoters.apply((first) => quorumEnv(first, voter));
      const properties = quorum.apply((found) => controllerProperties(voter, found));
      return runController(
        controllerName(voter.id - firstControllerId),
        { ...common, properties, env },
        sharedName,
        voter,
        this,
      );
    });
    const brokers = addresses.map((address) => {
      const properties = quorum.apply((found) => quorumProperties(address, found));
      const env = firstVoters.apply((first) => quorumEnv(first));
      return runBroker(name, { ...common, properties, env }, address, controllers, this);
    });
    new Quorum(
      `${name}-quorum`,
      {
        bootstrapServers: [...this.bootstrap.outside],
        ...(this.access.length === 0 ? {} : { access: [...this.access] }),
        controllers: voters.map(endpointOf),
      },
      // The leader is asked through brokers.
      { parent: this, dependsOn: [...controllers, ...brokers] },
    );
    return brokers;
  }
}

interface TurningArgs extends ClusterArgs {
  turns: Turns;
}

/** Every node, those that coordinate the others first, in groups that are made anew one after the other. */
function rollingNodes(
  name: string,
  args: ClusterArgs,
  addresses: readonly PlacedBroker[],
): readonly (readonly RollingNode[])[] {
  const brokers = (isOf: (address: PlacedBroker) => boolean) =>
    addresses
      .filter(isOf)
      .map(({ id, advertisedOutside }) => ({ name: `${name}-${id}`, id, address: advertisedOutside }));
  const apart = args.plan.services
    .filter(({ role }) => role === "zookeeper" || role === "controller")
    .map((service) => ({ name: service.name, id: firstControllerId + service.number }));
  return [apart, brokers(isVoter), brokers((address) => !isVoter(address))].filter(
    ({ length }) => length > 0,
  );
}

function nodeArgs({
  lab,
  images,
  plan,
  config,
  turns,
}: TurningArgs): Omit<NodeArgs, "properties" | "clusterId"> {
  return { lab, image: images.of(plannedOf(plan, "broker").image), config, turns };
}

function ensembleOf({ images, ...args }: TurningArgs, parent: pulumi.Resource): Ensemble {
  const image = images.of(plannedOf(args.plan, "zookeeper").image);
  return new Ensemble("zookeeper", { ...args, image }, { parent });
}

function plannedOf({ services }: AddressArgs["plan"], role: string): PlacedService {
  const found = services.find((service) => service.role === role);
  if (found === undefined) throw new Error(`no ${role} is among the planned services`);
  return found;
}
