import * as pulumi from "@pulumi/pulumi";
import type { CoreConfig } from "../config/schema.ts";
import { checkTimes } from "../containers/health-check.ts";
import type { LabImage } from "../containers/image.ts";
import { Service } from "../containers/service.ts";
import { dataVolume } from "../containers/volume.ts";
import type { Binding, Host, PortRequest } from "../hosts/host.ts";
import type { PlacedService } from "../plan/services.ts";
import { type AddressArgs, portFor, portsFor, publishedPort } from "./addresses.ts";
import type { Turns } from "./rolling.ts";

export interface EnsembleArgs extends AddressArgs {
  image: LabImage;
  config: Pick<CoreConfig, "zookeeper" | "keepData">;
  turns: Turns;
}

interface Node {
  readonly service: PlacedService;
  /** From 1. */
  readonly id: number;
  readonly host: Host;
  readonly client: Binding;
  readonly peer: Binding;
  readonly election: Binding;
  readonly admin: Binding;
  /** Base URL of its admin server for the operator's machine. */
  readonly url: string;
}

/** The path below which Kafka has all that is its own, as ZooKeeper may come to serve others. */
const chroot = "/kafka";

/**
 * A ZooKeeper ensemble, each node with a volume. Created when every node serves, which it does only while more than half
 * of them do.
 */
export class Ensemble extends pulumi.ComponentResource {
  /** For `zookeeper.connect` of brokers. */
  readonly connect: string;
  readonly nodes: readonly Service[];
  /** Each node's service and the base URL of its admin server, for the operator's machine. */
  readonly admins: readonly { readonly service: string; readonly url: string }[];

  constructor(name: string, args: EnsembleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("edgelab:kafka:Ensemble", name, {}, opts);
    const { services } = args.plan;
    const nodes = services.filter(({ role }) => role === "zookeeper").map((service) => place(service, args));
    // A node serves only once most of them do, so all must be able to start side by side.
    this.nodes = nodes.map((node) => run(node, nodes, args, this));
    this.connect = `${nodes.map(({ client }) => client.peer).join(",")}${chroot}`;
    this.admins = nodes.map(({ service, url }) => ({ service: service.name, url }));
    this.registerOutputs({ connect: this.connect });
  }
}

function place(service: PlacedService, { lab, hosts, plan }: AddressArgs): Node {
  const host = hosts.hostOf(service.name);
  const bind = (request: PortRequest) => host.bind(lab.resourceName(service.name), request);
  const [peerPort, electionPort] = portsFor(service, "ensemble");
  if (peerPort === undefined || electionPort === undefined)
    throw new Error(`${service.name} has no ports for its ensemble`);
  const published = publishedPort(plan, service.name);
  return {
    service,
    id: service.number + 1,
    host,
    client: bind({ port: portFor(service, "service"), peers: true }),
    peer: bind({ port: peerPort, peers: true }),
    election: bind({ port: electionPort, peers: true }),
    admin: bind({ port: portFor(service, undefined), published, peers: false }),
    url: `http://${host.operatorAddress}:${published}`,
  };
}

function run(
  { service: { name }, id, host, client, admin }: Node,
  all: readonly Node[],
  { lab, image, config: { zookeeper, keepData }, turns }: EnsembleArgs,
  parent: pulumi.Resource,
): Service {
  const volume = dataVolume(`${name}-data`, { lab, host, pipeline: "zookeeper", keepData }, parent);
  const isAny = client.listenAddress === "0.0.0.0";
  return turns.take(
    name,
    host,
    [],
    (own, dependsOn) =>
      new Service(
        name,
        {
          lab,
          host,
          pipeline: "zookeeper",
          role: "zookeeper",
          image,
          env: {
            ZOOKEEPER_ID: String(id),
            ZOOKEEPER_SERVERS: all.length === 1 ? "" : all.map(serverOf).join(" "),
            ZOOKEEPER_ADDRESS: client.listenAddress,
            ZOOKEEPER_CLIENT_PORT: String(client.listenPort),
            ZOOKEEPER_ADMIN_ADDRESS: admin.listenAddress,
            ZOOKEEPER_ADMIN_PORT: String(admin.listenPort),
            ZOOKEEPER_MAX_CLIENTS: String(zookeeper.maxClients),
            ZOOKEEPER_HEAP_MB: String(zookeeper.heapMB),
          },
          bindings: [admin],
          volumes: [{ volume, path: "/var/lib/zookeeper" }],
          health: {
            command: [
              "/opt/zookeeper/bin/healthy",
              String(client.listenPort),
              ...(isAny ? [] : [client.listenAddress]),
            ],
            ...checkTimes,
            waitSeconds: 180,
          },
          memoryMB: zookeeper.memoryMB,
          stopSeconds: 15,
          ...own,
        },
        { parent, dependsOn },
      ),
  );
}

/** `1=<host>:2888:3888` */
function serverOf({ id, peer, election }: Node): string {
  return `${id}=${peer.peer}:${election.listenPort}`;
}
