import type { Role } from "../config/hosts.ts";
import type { LabConfig } from "../config/schema.ts";
import { isTestCamera, videoPlan } from "../pipelines/video/plan.ts";

/** A container of the configured lab, before it is placed. */
export interface PlannedService {
  /** Name as in the container's, without `edgelab-<stack>-`. */
  readonly name: string;
  readonly role: Role;
  /** Number among the services of its role, from 0: what keeps its host the same while others come and go. */
  readonly number: number;
  /** Its memory limit. */
  readonly memoryMB: number;
}

/** MB of an app that holds no frames and no model. */
export const smallAppMB = 384;

/** Every container that the configured lab has. */
export function plannedServices(config: LabConfig): readonly PlannedService[] {
  const { kafka, postgres } = config;
  return [
    ...numbered("brokers", kafka.memoryMB, names("kafka", kafka.brokers, 0)),
    ...numbered("database", postgres.memoryMB, ["postgres"]),
    ...classificationServices(config),
    ...videoServices(config),
    ...grayscaleServices(config),
  ];
}

function classificationServices({ classification, producers }: LabConfig): PlannedService[] {
  if (!classification.enabled) return [];
  return [
    ...numbered(
      "inference",
      classification.classifierMemoryMB,
      names("classification-classifier", classification.classifiers),
    ),
    ...numbered("recorder", smallAppMB, ["classification-recorder-1"]),
    ...numbered("producers", smallAppMB, names("classification-producer", producers)),
  ];
}

function videoServices(config: LabConfig): PlannedService[] {
  const { cameras, consumers } = videoPlan(config);
  if (cameras.length === 0) return [];
  const { memoryMB } = config.video;
  const testCamera = cameras.some(isTestCamera) ? ["video-camera-1"] : [];
  return [
    // A camera beside its producer sends nothing over the network.
    ...["video-producer-1", ...testCamera].map((name) => ({
      name,
      role: "cameras" as const,
      number: 0,
      memoryMB,
    })),
    ...numbered(
      "savers",
      memoryMB,
      consumers.map(({ name }) => `video-${name}`),
    ),
  ];
}

/** The writer is first, then the producer: each has the same port however many processors there are. */
export function grayscaleNames({ grayscale }: LabConfig): readonly string[] {
  if (!grayscale.enabled) return [];
  return [
    "grayscale-writer-1",
    "grayscale-producer-1",
    ...grayscale.steps.flatMap((step) => names(`grayscale-${step}`, grayscale.processors)),
  ];
}

function grayscaleServices(config: LabConfig): PlannedService[] {
  return numbered("grayscale", config.grayscale.memoryMB, grayscaleNames(config));
}

function names(prefix: string, count: number, first = 1): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index + first}`);
}

function numbered(role: Role, memoryMB: number, of: readonly string[]): PlannedService[] {
  return of.map((name, number) => ({ name, role, number, memoryMB }));
}
