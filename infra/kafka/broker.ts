import type * as pulumi from "@pulumi/pulumi";
import type { CoreConfig } from "../config/schema.ts";
import type { LabImage } from "../containers/image.ts";
import { checkTimes, inMemory, Service } from "../containers/service.ts";
import { dataVolume } from "../containers/volume.ts";
import type { Lab } from "../lab.ts";
import type { PlacedBroker } from "./addresses.ts";
import { asEnv, brokerProperties } from "./properties.ts";

export interface BrokerArgs {
  lab: Lab;
  image: LabImage;
  config: Pick<CoreConfig, "kafka" | "keepData">;
  address: PlacedBroker;
  /** What it has of its own kind of coordination, as `server.properties` names. */
  properties: Readonly<Record<string, string>>;
  clusterId: pulumi.Input<string>;
}

/** One broker, `<name>-<id>`, with a volume for its data. Created when the cluster counts it among its live ones. */
export function runBroker(
  name: string,
  { lab, image, config, address, properties, clusterId }: BrokerArgs,
  after: readonly pulumi.Resource[],
  parent: pulumi.Resource,
): Service {
  const { host, outside } = address;
  const { kafka, keepData } = config;
  const brokerName = `${name}-${address.id}`;
  const volume = dataVolume(`${brokerName}-data`, { lab, host, pipeline: "kafka", keepData }, parent);
  return new Service(
    brokerName,
    {
      lab,
      host,
      pipeline: "kafka",
      role: "broker",
      image,
      env: {
        KAFKA_CLUSTER_ID: clusterId,
        // The one folder beside the data that it may write to.
        KAFKA_RUN: "/tmp",
        KAFKA_HEAP_MB: String(kafka.heapMB),
        ...asEnv(properties),
        ...asEnv(brokerProperties(kafka)),
      },
      bindings: [outside],
      volumes: [{ volume, path: "/var/lib/kafka" }],
      // Java unpacks its codecs there, to load them from there.
      tmpfs: { "/tmp": inMemory.replace("noexec", "exec") },
      health: {
        // The one listener that is on the loopback address wherever the broker runs.
        command: ["/opt/kafka/bin/healthy", String(outside.listenPort)],
        ...checkTimes,
        waitSeconds: 180,
      },
      memoryMB: kafka.memoryMB,
      stopSeconds: 30,
    },
    { parent, dependsOn: [...after] },
  );
}
