import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../../lib/ssh/connection.ts";
import type { CoreConfig } from "../config/schema.ts";
import type { LabImage } from "../containers/image.ts";
import type { Service } from "../containers/service.ts";
import { ClusterIdentity } from "../resources/cluster-identity.ts";
import { type AddressArgs, brokerAddresses, isVoter, type PlacedBroker } from "./addresses.ts";
import { runBroker } from "./broker.ts";
import { flushSettings } from "./flush.ts";
import { listenerProperties } from "./listeners.ts";

export interface ClusterArgs extends AddressArgs {
  image: LabImage;
  config: Pick<CoreConfig, "kafka" | "keepData">;
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
    const { lab, image, config } = args;
    const addresses = brokerAddresses(args);
    const controllers = addresses.filter(isVoter);
    const { clusterId } = new ClusterIdentity(
      `${name}-identity`,
      { controllers: controllers.length },
      { parent: this },
    );
    const run = (address: PlacedBroker, after: readonly Service[]) => {
      const properties = listenerProperties(address, controllers);
      return runBroker(name, { lab, image, config, address, properties, clusterId }, after, this);
    };
    // A broker answers only once the quorum stands, so all controllers must be able to start side by side.
    const voters = controllers.map((address) => run(address, []));
    const others = addresses.filter((address) => !isVoter(address)).map((address) => run(address, voters));
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
