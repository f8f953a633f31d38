import { join } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { maxFrameMessageBytes } from "../../../apps/media/frame.ts";
import { cameraEnv } from "../../../apps/video/camera/env.ts";
import { frameSaverEnv } from "../../../apps/video/frame-saver/env.ts";
import { videoProducerEnv } from "../../../apps/video/producer/env.ts";
import { needsPassword } from "../../../apps/video/producer/sources/address.ts";
import { videoRecorderEnv } from "../../../apps/video/recorder/env.ts";
import type { LabConfig } from "../../config/schema.ts";
import type { LabImage } from "../../containers/image.ts";
import { type Mount, Service, secretPath } from "../../containers/service.ts";
import type { Host, LabHosts } from "../../hosts/host.ts";
import type { Cluster } from "../../kafka/cluster.ts";
import { type Lab, labels } from "../../lab.ts";
import { allocatePorts, portsOf } from "../../plan/ports.ts";
import { appHealth, httpSide, pipelineTopics } from "../app.ts";
import type { ConsumerEntry } from "./config.ts";
import { isTestCamera, type PlannedCamera, videoPlan } from "./plan.ts";

/** Images of the video pipeline's apps. */
export interface VideoImages {
  readonly camera: LabImage;
  readonly producer: LabImage;
  readonly frameSaver: LabImage;
  readonly recorder: LabImage;
}

export interface VideoArgs {
  lab: Lab;
  hosts: LabHosts;
  config: LabConfig;
  images: VideoImages;
  cluster: Cluster;
}

const cameraPort = 9085;
/** RTSP cameras are looked at twice, for some seconds each, before the first frame. */
const stallTimeoutMs = 10_000;

/**
 * Cameras in real time: one producer sends the frames of all cameras to their topics; each consumer turns a topic into
 * files, in a volume of its own or in a folder of the host.
 */
export class Video extends pulumi.ComponentResource {
  readonly topics: readonly string[];
  /** Base URL of the producer's HTTP API: `/healthz`, `/metrics`, `/cameras`. */
  readonly producerUrl: string | undefined;
  /** The test camera's stream, for a browser; undefined when there is none. */
  readonly cameraUrl: string | undefined;

  constructor(name: string, args: VideoArgs, opts?: pulumi.ComponentResourceOptions) {
    super("edgelab:pipelines:Video", name, {}, opts);
    const { lab, hosts, config, images, cluster } = args;
    const { cameras, consumers } = videoPlan(config);
    const { topics, names } = pipelineTopics("video", config, cluster, this);
    this.topics = names;
    const ports = allocatePorts(config);
    const [publishedCamera] = portsOf(ports, "video.cameraPort");
    const consumerPorts = portsOf(ports, "video.consumerPort");
    const [publishedProducer] = portsOf(ports, "video.producerPort");
    const common = { lab, pipeline: "video", stopSeconds: 30, memoryMB: config.video.memoryMB };
    const kafka = { KAFKA_BOOTSTRAP_SERVERS: [...cluster.insideServers] };

    const place = (service: string, published: number | undefined, more = {}) => {
      const host = hosts.hostOf(service);
      return { host, ...httpSide(host, lab.resourceName(service), published, more) };
    };
    const side =
      publishedCamera === undefined
        ? undefined
        : place("video-camera-1", publishedCamera, { port: cameraPort, peers: true });
    const camera =
      side === undefined
        ? undefined
        : new Service(
            "video-camera-1",
            {
              ...common,
              host: side.host,
              role: "camera",
              image: images.camera,
              env: cameraEnv.format({
                ...side.env,
                FPS: config.video.fps,
                TRUNCATE_EVERY: config.video.truncateEvery,
              }),
              bindings: [side.binding],
              health: appHealth,
            },
            { parent: this },
          );

    const passwords = cameras.filter((entry) => hasPassword(entry) && config.video.passwords[entry.name]);
    const producer = place("video-producer-1", publishedProducer);
    new Service(
      "video-producer-1",
      {
        ...common,
        host: producer.host,
        role: "producer",
        image: images.producer,
        env: videoProducerEnv.format({
          ...kafka,
          ...producer.env,
          PRODUCER_NAME: "video-producer-1",
          CAMERAS: cameras.map((entry) => toSpec(entry, side?.binding.peer)),
          STALL_TIMEOUT_MS: stallTimeoutMs,
          MAX_REQUEST_BYTES: largestRequest(cameras),
        }),
        secrets: Object.fromEntries(
          passwords.map(({ name: who }) => [passwordName(who), config.video.passwords[who] ?? ""]),
        ),
        bindings: [producer.binding],
        health: appHealth,
      },
      { parent: this, dependsOn: [...topics, ...(camera === undefined ? [] : [camera])] },
    );

    const formats = new Map(videoPlan(config).topics.map((topic) => [topic.name, topic.format]));
    for (const [index, consumer] of consumers.entries()) {
      const { host, env: http, binding } = place(`video-${consumer.name}`, consumerPorts[index]);
      const output = this.output(consumer.name, host, args);
      const saves = consumer.kind === "frames";
      const files = {
        ...kafka,
        ...http,
        KAFKA_TOPIC_NAME: consumer.topic,
        KAFKA_CONSUMER_GROUP_ID: `video-${consumer.name}`,
        FRAME_FORMAT: formats.get(consumer.topic) ?? "jpeg",
        RETENTION_HOURS: consumer.keepHours,
        RETENTION_MB: consumer.keepMB,
      };
      new Service(
        `video-${consumer.name}`,
        {
          ...common,
          host,
          role: saves ? "frame-saver" : "recorder",
          image: saves ? images.frameSaver : images.recorder,
          env: saves
            ? frameSaverEnv.format({ ...files, ...defined({ FSYNC: consumer.fsync }) })
            : videoRecorderEnv.format({ ...files, ...recording(consumer) }),
          bindings: [binding],
          volumes: [output.mount],
          user: output.user,
          health: appHealth,
        },
        { parent: this, dependsOn: [...topics, ...output.after] },
      );
    }

    this.producerUrl = producer.url;
    this.cameraUrl = side?.url;
    this.registerOutputs({ producerUrl: this.producerUrl, cameraUrl: this.cameraUrl });
  }

  /** Where a consumer's files go. */
  private output(
    consumer: string,
    host: Host,
    { lab, config }: VideoArgs,
  ): { mount: Mount; user?: string | undefined; after: pulumi.Resource[] } {
    const path = "/output";
    if (config.video.outputFolder === "") {
      const name = `video-${consumer}-files`;
      const volume = new docker.Volume(
        name,
        { name: lab.resourceName(name), labels: labels(lab, { pipeline: "video", role: "data" }) },
        { parent: this, ...host.options, retainOnDelete: config.keepData },
      );
      return { mount: { volume, path }, after: [] };
    }
    const folder = host.folder(`video-${consumer}-folder`, join(config.video.outputFolder, consumer), this);
    return { mount: { hostPath: folder.path, path }, user: folder.user, after: [folder.resource] };
  }
}

const passwordName = (camera: string): string => `camera-${camera}`;

/** Whether a camera is reached with a password: of a user, or in its address. */
function hasPassword({ url, user }: Pick<PlannedCamera, "url" | "user">): boolean {
  return user !== undefined || needsPassword(url);
}

/** A camera as the producer's environment has it. */
function toSpec(
  { name, url, user, topic, format, fps, maxFrameKB }: PlannedCamera,
  testCamera: string | undefined,
) {
  const password = hasPassword({ url, user }) ? { passwordFile: secretPath(passwordName(name)) } : {};
  const login = { ...defined({ user }), ...password };
  const address = isTestCamera({ url }) ? `http://${testCamera}/` : url;
  const type = /^https?:/.test(address) ? ("mjpeg" as const) : ("ffmpeg" as const);
  return { name, topic, format, fps, maxFrameKB, source: { type, url: address, ...login } };
}

/** A request holds one frame of the largest kind at least. */
function largestRequest(cameras: readonly PlannedCamera[]): number {
  return Math.max(
    ...cameras.map(({ format, maxFrameKB }) => maxFrameMessageBytes(format, maxFrameKB * 1024)),
  );
}

function recording(consumer: ConsumerEntry) {
  return {
    MODE: consumer.kind === "single" ? ("single" as const) : ("segments" as const),
    ...defined({
      FPS: consumer.fps,
      CONTAINER: consumer.container,
      CODEC: consumer.codec,
      SEGMENT_SECONDS: consumer.segmentSeconds,
      SEGMENT_MB: consumer.segmentMB,
    }),
  };
}

/** Without what is undefined: an app's own default then counts. */
function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
