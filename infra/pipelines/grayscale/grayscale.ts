import { basename, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { topicNames } from "../../../apps/grayscale/contract.ts";
import { processorEnv } from "../../../apps/grayscale/processor/env.ts";
import { writerEnv } from "../../../apps/grayscale/writer/env.ts";
import { videoProducerEnv } from "../../../apps/video/producer/env.ts";
import type { LabConfig } from "../../config/schema.ts";
import type { LabImage } from "../../containers/image.ts";
import { Service } from "../../containers/service.ts";
import type { LabHosts } from "../../hosts/host.ts";
import type { Cluster } from "../../kafka/cluster.ts";
import type { Lab } from "../../lab.ts";
import { allocatePorts } from "../../plan/ports.ts";
import { appHealth, httpSide, pipelineTopics } from "../app.ts";

export interface GrayscaleArgs {
  lab: Lab;
  hosts: LabHosts;
  config: LabConfig;
  images: { readonly producer: LabImage; readonly processor: LabImage; readonly writer: LabImage };
  cluster: Cluster;
  /** Root of the checkout, which the file is relative to where the lab is on this machine. */
  root: string;
}

/** The sample that the producer's image brings, a few seconds of FFmpeg's test picture. */
const samplePath = "/sample/sample.avi";

/**
 * A video file through Kafka: a producer sends its frames, the processors of each step share them, and a writer makes
 * `output_video.avi` of what they made, with the rate and number of frames of the file.
 */
export class Grayscale extends pulumi.ComponentResource {
  readonly topics: readonly string[];
  /** Folder of the writer's host that the videos appear in. */
  readonly outputFolder: string;

  constructor(name: string, args: GrayscaleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("edgelab:pipelines:Grayscale", name, {}, opts);
    const { lab, hosts, config, images, cluster, root } = args;
    const { grayscale } = config;
    const { topics, names } = pipelineTopics("grayscale", config, cluster, this);
    this.topics = names;
    const common = {
      lab,
      pipeline: "grayscale",
      health: appHealth,
      stopSeconds: 30,
      memoryMB: grayscale.memoryMB,
    };
    const kafka = { KAFKA_BOOTSTRAP_SERVERS: [...cluster.insideServers] };
    const consumer = {
      ...kafka,
      KAFKA_SESSION_TIMEOUT_MS: grayscale.sessionTimeoutMs,
      KAFKA_HEARTBEAT_INTERVAL_MS: grayscale.heartbeatMs,
      KAFKA_MAX_POLL_INTERVAL_MS: grayscale.maxPollMs,
    };
    const maxFrameBytes = grayscale.maxFrameKB * 1024;

    const ports = new Map(allocatePorts(config).map(({ service, port }) => [service, port]));
    const place = (service: string) => {
      const host = hosts.hostOf(service);
      const { env, binding } = httpSide(host, lab.resourceName(service), ports.get(service));
      return { host, http: env, bindings: [binding] };
    };
    const writing = place("grayscale-writer-1");
    const folder = writing.host.folder("grayscale-folder", grayscale.outputFolder, this);
    this.outputFolder = folder.path;
    const writer = new Service(
      "grayscale-writer-1",
      {
        ...common,
        host: writing.host,
        bindings: writing.bindings,
        role: "writer",
        image: images.writer,
        env: writerEnv.format({ ...consumer, ...writing.http }),
        volumes: [{ hostPath: folder.path, path: "/output" }],
        user: folder.user,
      },
      { parent: this, dependsOn: [...topics, folder.resource] },
    );

    const processors = grayscale.steps.flatMap((step) =>
      Array.from({ length: grayscale.processors }, (_, index) => {
        const processor = `grayscale-${step}-${index + 1}`;
        const { host, http, bindings } = place(processor);
        return new Service(
          processor,
          {
            ...common,
            host,
            bindings,
            role: "processor",
            image: images.processor,
            env: processorEnv.format({
              ...consumer,
              ...http,
              PROCESSOR_NAME: processor,
              // One group shares the video; a group for each step has all steps see all of it.
              KAFKA_CONSUMER_GROUP_ID: step === "grayscale" ? "video-group" : `video-group-${step}`,
              STEP: step,
              MAX_PROCESSED_BYTES: maxFrameBytes,
            }),
          },
          { parent: this, dependsOn: topics },
        );
      }),
    );

    const file = grayscale.file === "" ? undefined : resolve(root, grayscale.file);
    const path = file === undefined ? samplePath : `/input/${basename(file)}`;
    const reading = place("grayscale-producer-1");
    new Service(
      "grayscale-producer-1",
      {
        ...common,
        host: reading.host,
        bindings: reading.bindings,
        role: "producer",
        image: images.producer,
        env: videoProducerEnv.format({
          ...kafka,
          ...reading.http,
          PRODUCER_NAME: "grayscale-producer-1",
          CAMERAS: [
            {
              name: "file",
              topic: topicNames.frames,
              format: "jpeg",
              keyedBy: "frame",
              maxFrameKB: grayscale.maxFrameKB,
              source: { type: "file", path, loop: false, pace: grayscale.pace },
            },
          ],
        }),
        ...(file === undefined ? {} : { volumes: [{ hostPath: file, path, readOnly: true }] }),
      },
      // The first frame should find its processors, so that the whole video is timed as it is worked off.
      { parent: this, dependsOn: [writer, ...processors] },
    );
    this.registerOutputs({ outputFolder: this.outputFolder });
  }
}
