import type { KeyName, LabConfig } from "../config/schema.ts";
import { isTestCamera, videoPlan } from "../pipelines/video/plan.ts";
import { grayscaleNames } from "./services.ts";

export type PortKey = Extract<
  KeyName,
  | "kafka.outsidePort"
  | "postgres.port"
  | "classification.classifierPort"
  | "classification.producerPort"
  | "classification.recorderPort"
  | "video.cameraPort"
  | "video.consumerPort"
  | "grayscale.port"
  | "video.producerPort"
>;

/** Published ports that follow one another from the one that a config key names. */
export interface PortRange {
  readonly key: PortKey;
  /** First port on the host, `ports.offset` included. */
  readonly first: number;
  readonly count: number;
  /** Name of the service that has the n-th port of the range, n from 0. */
  service(n: number): string;
}

/** A port of the host's loopback address and the service reached through it. */
export interface PublishedPort {
  /** Name as in the container's, without `edgelab-<stack>-`. */
  readonly service: string;
  /** The config key that moves the port. */
  readonly key: PortKey;
  readonly port: number;
}

export const highestPort = 65_535;

/** Every range of ports that the configured lab publishes, in the order in which the lab is built. */
export function portRanges(config: LabConfig): readonly PortRange[] {
  const { kafka, postgres, classification, video, ports } = config;
  const range = (key: PortKey, base: number, count: number, service: PortRange["service"]): PortRange => ({
    key,
    first: base + ports.offset,
    count,
    service,
  });
  const ranges = [
    range("kafka.outsidePort", kafka.outsidePort, kafka.brokers, (n) => `kafka-${n}`),
    range("postgres.port", postgres.port, 1, () => "postgres"),
  ];
  const pipeline = [
    range(
      "classification.classifierPort",
      classification.classifierPort,
      classification.classifiers,
      (n) => `classification-classifier-${n + 1}`,
    ),
    range("classification.recorderPort", classification.recorderPort, 1, () => "classification-recorder-1"),
    range(
      "classification.producerPort",
      classification.producerPort,
      config.producers,
      (n) => `classification-producer-${n + 1}`,
    ),
  ];
  const plan = videoPlan(config);
  const hasTestCamera = plan.cameras.some(isTestCamera);
  const cameras = [
    range("video.cameraPort", video.cameraPort, hasTestCamera ? 1 : 0, () => "video-camera-1"),
    range("video.producerPort", video.producerPort, video.enabled ? 1 : 0, () => "video-producer-1"),
    range(
      "video.consumerPort",
      video.consumerPort,
      video.enabled ? plan.consumers.length : 0,
      (n) => `video-${plan.consumers[n]?.name}`,
    ),
  ];
  const steps = grayscaleNames(config);
  const grayscale = [range("grayscale.port", config.grayscale.port, steps.length, (n) => steps[n] ?? "")];
  return [...ranges, ...(classification.enabled ? pipeline : []), ...cameras, ...grayscale].filter(
    ({ count }) => count > 0,
  );
}

/** Every published port, one entry a service. Distinct and within 1 to 65535 for any config that parses. */
export function allocatePorts(config: LabConfig): readonly PublishedPort[] {
  return portRanges(config).flatMap(({ key, first, count, service }) =>
    Array.from({ length: count }, (_, n) => ({ service: service(n), key, port: first + n })),
  );
}

/** The ports of one range in order, so that the n-th service has the n-th of them. */
export function portsOf(ports: readonly PublishedPort[], key: PortKey): readonly number[] {
  return ports.filter((entry) => entry.key === key).map(({ port }) => port);
}

export function overlap(
  a: Pick<PortRange, "first" | "count">,
  b: Pick<PortRange, "first" | "count">,
): boolean {
  return a.first < b.first + b.count && b.first < a.first + a.count;
}

/**
 * First port of a free run of `count` ports, the nearest at or above `from`, else the lowest at or above `lowest`.
 *
 * @returns undefined when there is none
 */
export function freeRun(
  taken: readonly Pick<PortRange, "first" | "count">[],
  count: number,
  from: number,
  lowest: number,
): number | undefined {
  // A free run that is as low as possible starts either where the search does or right behind a taken one.
  const starts = taken.map(({ first, count: width }) => first + width).sort((a, b) => a - b);
  const fits = (first: number) =>
    first >= lowest &&
    first + count - 1 <= highestPort &&
    !taken.some((range) => overlap(range, { first, count }));
  return [from, ...starts.filter((start) => start > from), lowest, ...starts].find(fits);
}
