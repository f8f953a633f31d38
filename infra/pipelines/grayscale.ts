import { basename, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { topicNames } from "../../apps/grayscale/contract.ts";
import { processorEnv } from "../../apps/grayscale/processor/env.ts";
import { writerEnv } from "../../apps/grayscale/writer/env.ts";
import { videoProducerEnv } from "../../apps/video/producer/env.ts";
import type { LabConfig } from "../config.schema.ts";
import { Folder, folderUser } from "../folder.ts";
import type { Host } from "../hosts/host.ts";
import type { LabImage } from "../image.ts";
import type { Cluster } from "../kafka/cluster.ts";
import type { Lab } from "../lab.ts";
import { Service } from "../service.ts";
import { appHealth, pipelineTopics } from "./app.ts";

export interface GrayscaleArgs {
  lab: Lab;
  host: Host;
  config: LabConfig;
  images: { readonly producer: LabImage; readonly processor: LabImage; readonly writer: LabImage };
  cluster: Cluster;
  /** Root of the checkout, which file and output folder are relative to. */
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
  /** Folder of this machine that the videos appear in. */
  readonly outputFolder: string;

  constructor(name: string, args: GrayscaleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("edgelab:pipelines:Grayscale", name, {}, opts);
    const { lab, host, config, images, cluster, root } = args;
    const { grayscale } = config;
    const { topics, names } = pipelineTopics("grayscale", config, cluster, this);
    this.topics = names;
    const common = {
      lab,
      host,
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

    const { uid, gid, user } = folderUser();
    this.outputFolder = resolve(root, grayscale.outputFolder);
    const folder = new Folder("grayscale-folder", { path: this.outputFolder, uid, gid }, { parent: this });
    const writer = new Service(
      "grayscale-writer-1",
      {
        ...common,
        role: "writer",
        image: images.writer.imageId,
        env: writerEnv.format(consumer),
        volumes: [{ hostPath: this.outputFolder, path: "/output" }],
        user,
      },
      { parent: this, dependsOn: [...topics, folder] },
    );

    const processors = grayscale.steps.flatMap((step) =>
      Array.from({ length: grayscale.processors }, (_, index) => {
        const processor = `grayscale-${step}-${index + 1}`;
        return new Service(
          processor,
          {
            ...common,
            role: "processor",
            image: images.processor.imageId,
            env: processorEnv.format({
              ...consumer,
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
    new Service(
      "grayscale-producer-1",
      {
        ...common,
        role: "producer",
        image: images.producer.imageId,
        env: videoProducerEnv.format({
          ...kafka,
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
