import * as pulumi from "@pulumi/pulumi";
import { classifierEnv } from "../../../apps/classification/classifier/env.ts";
import { producerEnv } from "../../../apps/classification/producer/env.ts";
import { recorderEnv } from "../../../apps/classification/recorder/env.ts";
import type { LabConfig } from "../../config/schema.ts";
import type { LabImage } from "../../containers/image.ts";
import { Service, secretPath } from "../../containers/service.ts";
import type { LabHosts } from "../../hosts/host.ts";
import type { Cluster } from "../../kafka/cluster.ts";
import type { Lab } from "../../lab.ts";
import { maxImageBytes } from "../../plan/capacity.ts";
import { allocatePorts, portsOf } from "../../plan/ports.ts";
import { smallAppMB } from "../../plan/services.ts";
import type { Postgres } from "../../stores/postgres.ts";
import { appHealth, type HttpSide, httpSide, pipelineTopics } from "../app.ts";

export interface ClassificationArgs {
  lab: Lab;
  hosts: LabHosts;
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
export class Classification extends pulumi.ComponentResource {
  readonly topics: readonly string[];
  /** Base URL of each classifier's HTTP API (`/healthz`, `/metrics`, `/classify`, `/stages`). */
  readonly classifierUrls: readonly string[];
  /** Base URL of each producer's HTTP API (`/healthz`, `/metrics`, `/latencies`). */
  readonly producerUrls: readonly string[];

  constructor(name: string, args: ClassificationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("edgelab:pipelines:Classification", name, {}, opts);
    const { lab, hosts, config, images, cluster, postgres } = args;
    const { classification: settings } = config;
    const database = postgres.connection;
    const { topics, names } = pipelineTopics("classification", config, cluster, this);
    this.topics = names;

    const kafka = { KAFKA_BOOTSTRAP_SERVERS: [...cluster.insideServers] };
    /** An app, told where its HTTP side is. @returns the base URL of that */
    const app = (
      role: string,
      number: number,
      published: number | undefined,
      more: (http: HttpSide["env"]) => AppArgs,
      after: pulumi.Resource[] = [],
    ): string => {
      const service = `classification-${role}-${number}`;
      const host = hosts.hostOf(service);
      const { env, binding, url } = httpSide(host, lab.resourceName(service), published);
      const common = { lab, host, pipeline: "classification", role, health: appHealth, stopSeconds: 30 };
      new Service(
        service,
        { ...common, bindings: [binding], ...more(env) },
        { parent: this, dependsOn: [...topics, ...after] },
      );
      return url;
    };

    const ports = allocatePorts(config);
    this.classifierUrls = portsOf(ports, "classification.classifierPort").map((published, index) =>
      app("classifier", index + 1, published, (http) => ({
        image: images.classifier,
        env: classifierEnv.format({
          ...kafka,
          ...http,
          CLASSIFIER_NAME: `classifier-${index + 1}`,
          MAX_BATCH: settings.maxBatch,
          MAX_IMAGE_BYTES: maxImageBytes(config),
        }),
        memoryMB: settings.classifierMemoryMB,
        ...(settings.classifierCpus === 0 ? {} : { cpus: settings.classifierCpus }),
      })),
    );

    app(
      "recorder",
      1,
      portsOf(ports, "classification.recorderPort")[0],
      (http) => ({
        image: images.recorder,
        env: recorderEnv.format({
          ...kafka,
          ...http,
          MAX_IMAGE_BYTES: maxImageBytes(config),
          POSTGRES_HOST: database.host,
          POSTGRES_PORT: database.port,
          POSTGRES_DB: database.database,
          POSTGRES_USER: database.user,
          POSTGRES_PASSWORD_FILE: secretPath("postgres-password"),
        }),
        secrets: { "postgres-password": database.password },
        memoryMB: smallAppMB,
      }),
      [postgres],
    );

    this.producerUrls = portsOf(ports, "classification.producerPort").map((published, index) =>
      app("producer", index + 1, published, (http) => ({
        image: images.producer,
        env: producerEnv.format({
          ...kafka,
          ...http,
          PRODUCER_NAME: `producer-${index + 1}`,
          IOT_NUM_DEVICES: settings.devices,
          IMAGES_PER_SECOND: settings.rate,
          ARRIVALS: settings.arrivals,
          RESULT_TIMEOUT_MS: settings.resultTimeoutMs,
        }),
        memoryMB: smallAppMB,
      })),
    );
    this.registerOutputs({ classifierUrls: this.classifierUrls, producerUrls: this.producerUrls });
  }
}

type AppArgs = Pick<
  ConstructorParameters<typeof Service>[1],
  "image" | "env" | "secrets" | "memoryMB" | "cpus"
>;
