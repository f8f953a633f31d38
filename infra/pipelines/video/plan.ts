import { needsPassword } from "../../../apps/common/address.ts";
import { frameHeaders, frameTopic, maxFrameMessageBytes } from "../../../apps/media/frame.ts";
import { cameraEnv, cameraPort } from "../../../apps/video/camera/env.ts";
import { videoProducerEnv } from "../../../apps/video/producer/env.ts";
import type { Probe } from "../../../lib/probe.ts";
import type { CoreConfig } from "../../config/schema.ts";
import { appImage } from "../../plan/images.ts";
import type { PipelinePlan, ServicePlan, TopicPlan, Wiring } from "../../plan/parts.ts";
import { frameProducerImage, probeFrame } from "../media.ts";
import { steadyShare } from "../steady.ts";
import {
  byTopic,
  common,
  formatsOf,
  isTestCamera,
  type Key,
  type Own,
  type PlannedCamera,
  plannedCameras,
  plannedConsumers,
} from "./cameras.ts";
import { consumers } from "./consumers.ts";

const KB = 1024;
const MB = 1024 * KB;
const hourMs = 3_600_000;
/** RTSP cameras are looked at twice, for some seconds each, before the first frame. */
const stallTimeoutMs = 10_000;
const producerName = "video-producer-1";
const cameraService = "video-camera-1";

/**
 * Cameras in real time: one producer sends the frames of all cameras to their topics; each consumer turns a topic into
 * files, in a volume of its own or in a folder of the host.
 */
export function planVideo(own: Own, core: CoreConfig): PipelinePlan<Key> {
  const cameras = plannedCameras(own);
  const hasTestCamera = cameras.some(isTestCamera);
  return {
    topics: topics(own, core, cameras),
    services: [
      ...(hasTestCamera ? [testCamera(own)] : []),
      producer(own, cameras),
      ...consumers(own, formatsOf(cameras)),
    ],
    probes: probes(own, cameras),
    outputs: (at) => ({
      videoProducerUrl: at.url(producerName),
      ...(hasTestCamera ? { cameraUrl: at.url(cameraService) } : {}),
    }),
    hints: (at) => [
      { run: `curl ${at.url(producerName)}/cameras` },
      ...(hasTestCamera ? [{ run: `ffplay ${at.url(cameraService)}` }] : []),
    ],
  };
}

function topics(own: Own, { kafka }: CoreConfig, cameras: readonly PlannedCamera[]): TopicPlan<Key>[] {
  const formats = formatsOf(cameras);
  return [...byTopic(cameras)].map(([name, senders]) => {
    const format = formats.get(name) ?? "jpeg";
    const messageBytes = (maxFrameKB: number) => maxFrameMessageBytes(format, maxFrameKB * KB);
    return {
      ...frameTopic({
        name,
        format,
        partitions: own.partitions,
        retentionMs: own.retentionHours * hourMs,
        retentionBytes: own.retentionMB * MB,
        maxFrameBytes: Math.max(...senders.map(({ maxFrameKB }) => maxFrameKB)) * KB,
      }),
      replication: own.replication,
      minInsync: Math.min(kafka.minInsync, own.replication),
      retention: { key: "video.retentionMB", MB: own.retentionMB },
      bytesPerSecond: senders.reduce((sum, { fps, maxFrameKB }) => sum + fps * messageBytes(maxFrameKB), 0),
      live: {
        told: senders.map((camera) => `${camera.name} ${camera.fps}/s × ${camera.maxFrameKB} KB`).join(", "),
        lowered: { key: "video.fps", value: "1" },
      },
      namedBy: "video.cameras",
    };
  });
}

/** The frames of each topic are files where a saver has it; what recorders make of them has no frame for each. */
function probes(own: Own, cameras: readonly PlannedCamera[]): Probe[] {
  return [...formatsOf(cameras)].map(([topic, format]) => ({
    topic,
    key: "{run}-{lane}",
    ...probeFrame(topic, format),
    id: { headers: [frameHeaders.run, frameHeaders.seq] },
    ends: plannedConsumers(own)
      .filter((consumer) => consumer.topic === topic && consumer.kind === "frames")
      .map(({ name }) => ({
        kind: "files" as const,
        service: `video-${name}`,
        path: "/output/{run}-*/*.jpg",
        number: "-(\\d+)\\.jpg$",
      })),
  }));
}

function testCamera(own: Own): ServicePlan<Key> {
  return {
    ...common(own),
    name: cameraService,
    role: "camera",
    image: appImage("video-camera"),
    http: { port: own.cameraPort, key: "video.cameraPort" },
    offers: cameraPort,
    // A camera beside its producer sends nothing over the network.
    beside: producerName,
    uses: {},
    env: ({ http }) => cameraEnv.format({ ...http, FPS: own.fps, TRUNCATE_EVERY: own.truncateEvery }),
  };
}

function producer(own: Own, cameras: readonly PlannedCamera[]): ServicePlan<Key> {
  const secrets = cameras.filter(hasPassword).flatMap(({ name }) => {
    const password = own.passwords[name];
    return password === undefined ? [] : [[passwordName(name), password] as const];
  });
  return {
    ...common(own),
    name: producerName,
    role: "producer",
    image: frameProducerImage,
    http: { port: own.producerPort, key: "video.producerPort" },
    uses: {
      writes: [...byTopic(cameras).keys()],
      services: cameras.some(isTestCamera) ? [cameraService] : [],
    },
    flows: "video_frames_sent_total",
    leastPerSecond: cameras.reduce((sum, { fps }) => sum + fps * steadyShare, 0),
    secrets: Object.fromEntries(secrets),
    env: (at) =>
      videoProducerEnv.format({
        KAFKA_BOOTSTRAP_SERVERS: at.bootstrapServers,
        ...at.http,
        PRODUCER_NAME: producerName,
        CAMERAS: cameras.map((entry) => toSpec(entry, at)),
        STALL_TIMEOUT_MS: stallTimeoutMs,
        // A request holds one frame of the largest kind at least.
        MAX_REQUEST_BYTES: Math.max(
          ...cameras.map(({ format, maxFrameKB }) => maxFrameMessageBytes(format, maxFrameKB * KB)),
        ),
      }),
  };
}

const passwordName = (camera: string): string => `camera-${camera}`;

/** Whether a camera is reached with a password: of a user, or in its address. */
function hasPassword({ url, user }: Pick<PlannedCamera, "url" | "user">): boolean {
  return user !== undefined || needsPassword(url);
}

/** A camera as the producer's environment has it. */
function toSpec({ name, url, user, topic, format, fps, maxFrameKB }: PlannedCamera, at: Wiring) {
  const login = {
    ...(user === undefined ? {} : { user }),
    ...(hasPassword({ url, user }) ? { passwordFile: at.secret(passwordName(name)) } : {}),
  };
  const address = isTestCamera({ url }) ? `http://${at.peer(cameraService)}/` : url;
  const type = /^https?:/.test(address) ? ("mjpeg" as const) : ("ffmpeg" as const);
  return { name, topic, format, fps, maxFrameKB, source: { type, url: address, ...login } };
}
