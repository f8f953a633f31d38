import * as pulumi from "@pulumi/pulumi";
import type { CoreConfig } from "../config/schema.ts";
import { checkTimes } from "../containers/health-check.ts";
import type { LabImage } from "../containers/image.ts";
import { inMemory, Service, type ServiceArgs } from "../containers/service.ts";
import { dataVolume } from "../containers/volume.ts";
import type { Host } from "../hosts/host.ts";
import type { Lab } from "../lab.ts";
import type { PlacedBroker, PlacedVoter } from "./addresses.ts";
import { listenerProperties, socketOf } from "./listeners.ts";
import { asEnv, brokerProperties } from "./properties.ts";
import type { Turns } from "./rolling.ts";

export interface NodeArgs {
  lab: Lab;
  image: LabImage;
  config: Pick<CoreConfig, "kafka" | "keepData">;
  /** What it has of its kind of coordination, as `server.properties` names. */
  properties: pulumi.Input<Readonly<Record<string, string>>>;
  /** Other settings of its container. */
  env?: pulumi.Input<Readonly<Record<string, string>>>;
  /** What a fresh volume is formatted with; undefined where ZooKeeper keeps the cluster's id. */
  clusterId: pulumi.Input<string> | undefined;
  turns: Turns;
}

/** One broker, `<name>-<id>`, with a volume for its data. Created when the cluster counts it among its live ones. */
export function runBroker(
  name: string,
  args: NodeArgs,
  address: PlacedBroker,
  after: readonly pulumi.Resource[],
  parent: pulumi.Resource,
): Service {
  const { kafka } = args.config;
  const own = {
    host: address.host,
    role: "broker",
    heapMB: kafka.heapMB,
    memoryMB: kafka.memoryMB,
    properties: pulumi.output(args.properties).apply(
      (quorum): Record<string, string> => ({
        ...quorum,
        ...listenerProperties(address),
        ...brokerProperties(kafka),
      }),
    ),
    bindings: [address.outside],
    // The one listener that is on the loopback address wherever the broker runs.
    listener: [String(address.outside.listenPort)],
  };
  return runNode(`${name}-${address.id}`, args, own, after, parent);
}

/**
 * A controller that is no broker, with a volume for the cluster's metadata. Created when its quorum has a leader.
 *
 * @param sharedName what all controllers are reached by, where there is such a name
 */
export function runController(
  name: string,
  args: NodeArgs,
  sharedName: string,
  { host, controller }: PlacedVoter,
  parent: pulumi.Resource,
): Service {
  const { kafka } = args.config;
  const { listenAddress, listenPort } = controller;
  const own = {
    host,
    role: "controller",
    heapMB: kafka.controllerHeapMB,
    memoryMB: kafka.controllerMemoryMB,
    properties: pulumi.output(args.properties).apply(
      (quorum): Record<string, string> => ({
        ...quorum,
        listeners: `CONTROLLER://${socketOf(controller)}`,
      }),
    ),
    sharedName,
    bindings: [],
    listener: [String(listenPort), ...(listenAddress === "0.0.0.0" ? [] : [listenAddress])],
  };
  return runNode(name, args, own, [], parent);
}

/** Enough for a broker on a busy machine to hand its partitions over, and to write to disk what it has. */
const stopSeconds = 60;

interface OwnArgs
  extends Required<Pick<ServiceArgs, "role" | "memoryMB" | "bindings">>,
    Pick<ServiceArgs, "sharedName"> {
  readonly host: Host;
  readonly heapMB: number;
  /** All of `server.properties`. */
  readonly properties: pulumi.Output<Record<string, string>>;
  /** Port, and address where it is not the loopback one, that the health check asks. */
  readonly listener: readonly string[];
}

function runNode(
  name: string,
  { lab, image, config: { keepData }, clusterId, turns, env = {} }: NodeArgs,
  { host, role, heapMB, memoryMB, properties, bindings, listener, sharedName }: OwnArgs,
  after: readonly pulumi.Resource[],
  parent: pulumi.Resource,
): Service {
  const volume = dataVolume(`${name}-data`, { lab, host, pipeline: "kafka", keepData }, parent);
  return turns.take(
    name,
    host,
    after,
    (own, dependsOn) =>
      new Service(
        name,
        {
          lab,
          host,
          pipeline: "kafka",
          role,
          image,
          env: pulumi.all([properties, env]).apply(([all, others]) => ({
            ...(clusterId === undefined ? {} : { KAFKA_CLUSTER_ID: clusterId }),
            // The one folder beside the data that it may write to.
            KAFKA_RUN: "/tmp",
            KAFKA_HEAP_MB: String(heapMB),
            ...others,
            ...asEnv(all),
          })),
          sharedName,
          bindings,
          volumes: [{ volume, path: "/var/lib/kafka" }],
          // Java unpacks its codecs there, to load them from there.
          tmpfs: { "/tmp": inMemory.replace("noexec", "exec") },
          health: { command: ["/opt/kafka/bin/healthy", ...listener], ...checkTimes, waitSeconds: 180 },
          memoryMB,
          stopSeconds,
          ...own,
        },
        { parent, dependsOn },
      ),
  );
}
