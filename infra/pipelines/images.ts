import * as pulumi from "@pulumi/pulumi";
import { classifierEnv } from "../../apps/images/classifier/env.ts";
import { producerEnv } from "../../apps/images/producer/env.ts";
import { recorderEnv } from "../../apps/images/recorder/env.ts";
import { maxImageBytes } from "../capacity.ts";
import type { LabConfig } from "../config.schema.ts";
import type { Host } from "../hosts/host.ts";
import type { LabImage } from "../image.ts";
import type { Cluster } from "../kafka/cluster.ts";
import type { Lab } from "../lab.ts";
import { allocatePorts, portsOf } from "../ports.ts";
import { Service, secretPath } from "../service.ts";
import type { Postgres } from "../stores/postgres.ts";
import { appHealth, httpPort, pipelineTopics } from "./app.ts";

export interface ImagesArgs {
  lab: Lab;
  /** The machine that all apps run on. */
  host: Host;
  config: LabConfig;
  images: { producer: LabImage; classifier: LabImage; recorder: LabImage };
  cluster: Cluster;
  postgres: Postgres;
}

/**
 * Distributed image classification: producers send images to Kafka and read the results back, classifiers turn
 * images into results, a recorder stores both in PostgreSQL. Producers and classifiers are numbered from 1, so
 * that scaling adds or removes the last ones and touches no other.
 */
export class Images extends pulumi.ComponentResource {
  readonly topics: readonly string[];
  /** Base URL of each classifier's HTTP API (`/healthz`, `/metrics`, `/classify`, `/stages`). */
  readonly classifierUrls: readonly string[];
  /** Base URL of each producer's HTTP API (`/healthz`, `/metrics`, `/latencies`). */
  readonly producerUrls: readonly string[];

  constructor(name: string, args: ImagesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("edgelab:pipelines:Images", name, {}, opts);
    const { lab, host, config, images, cluster, postgres } = args;
    const { images: settings } = config;
    const database = postgres.connection;
    const { topics, names } = pipelineTopics("images", config, cluster, this);
    this.topics = names;

    const kafka = { KAFKA_BOOTSTRAP_SERVERS: [...cluster.insideServers] };
    const app = (role: string, number: number, more: AppArgs, after: pulumi.Resource[] = []) =>
      new Service(
        `images-${role}-${number}`,
        {
          lab,
          host,
          pipeline: "images",
          role,
          health: appHealth,
          stopSeconds: 30,
          ...more,
        },
        { parent: this, dependsOn: [...topics, ...after] },
      );

    const ports = allocatePorts(config);
    const classifierPorts = portsOf(ports, "images.classifierPort");
    for (const [index, published] of classifierPorts.entries()) {
      app("classifier", index + 1, {
        image: images.classifier.imageId,
        env: classifierEnv.format({
          ...kafka,
          CLASSIFIER_NAME: `classifier-${index + 1}`,
          MAX_BATCH: settings.maxBatch,
          MAX_IMAGE_BYTES: maxImageBytes(config),
        }),
        ports: [{ internal: httpPort, published }],
        memoryMB: settings.classifierMemoryMB,
        ...(settings.classifierCpus === 0 ? {} : { cpus: settings.classifierCpus }),
      });
    }

    app(
      "recorder",
      1,
      {
        image: images.recorder.imageId,
        env: recorderEnv.format({
          ...kafka,
          MAX_IMAGE_BYTES: maxImageBytes(config),
          POSTGRES_HOST: database.host,
          POSTGRES_PORT: database.port,
          POSTGRES_DB: database.database,
          POSTGRES_USER: database.user,
          POSTGRES_PASSWORD_FILE: secretPath("postgres-password"),
        }),
        secrets: { "postgres-password": database.password },
        memoryMB: 384,
      },
      [postgres],
    );

    const producerPorts = portsOf(ports, "images.producerPort");
    for (const [index, published] of producerPorts.entries()) {
      app("producer", index + 1, {
        image: images.producer.imageId,
        env: producerEnv.format({
          ...kafka,
          PRODUCER_NAME: `producer-${index + 1}`,
          IOT_NUM_DEVICES: settings.devices,
          IMAGES_PER_SECOND: settings.rate,
          ARRIVALS: settings.arrivals,
          RESULT_TIMEOUT_MS: settings.resultTimeoutMs,
        }),
        ports: [{ internal: httpPort, published }],
        memoryMB: 384,
      });
    }

    const url = (port: number) => `http://${host.operatorAddress}:${port}`;
    this.classifierUrls = classifierPorts.map(url);
    this.producerUrls = producerPorts.map(url);
    this.registerOutputs({ classifierUrls: this.classifierUrls, producerUrls: this.producerUrls });
  }
}

type AppArgs = Pick<
  ConstructorParameters<typeof Service>[1],
  "image" | "env" | "secrets" | "ports" | "memoryMB" | "cpus"
>;
