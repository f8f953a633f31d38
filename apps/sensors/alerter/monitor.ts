import { headerText, type KafkaMessage, type Rejection } from "../../common/kafka-message.ts";
import { type Alert, anomalyHeader, anomalyKinds, noAnomaly, type SensorType } from "../contract.ts";
import {
  type CheckedReading,
  type ClockLimits,
  parseReading,
  type Refusal,
  RefusedError,
} from "../reading.ts";
import { Device } from "./device.ts";
import type { Limits } from "./limits.ts";

export interface MonitorOptions {
  readonly limits: Limits;
  readonly lateMs: number;
  readonly aheadMs: number;
  /** Devices that are known at a time; with more, whichever has been known longest is forgotten. */
  readonly maxDevices: number;
}

/** What is counted of a reading that was taken. */
export interface Outcome {
  readonly type: SensorType;
  /** Late ones are no later than what the device sent before. */
  readonly fate: "judged" | "learning" | "late";
  readonly anomalous: boolean;
  /** What the sender's label says; undefined where there is none. */
  readonly truth: boolean | undefined;
}

/** What became of a batch. */
export interface Watched {
  readonly alerts: readonly Alert[];
  readonly rejections: readonly Rejection[];
  /** One for each reading that had not been seen before. */
  readonly outcomes: readonly Outcome[];
  readonly refusals: readonly Refusal[];
}

/** Watches the readings of all devices of the partitions that come to it. */
export class Monitor {
  readonly #options: MonitorOptions;
  readonly #devices = new Map<string, Device>();
  /** Next offset by partition: what comes again was taken already, and would be told again. */
  readonly #next = new Map<number, bigint>();

  constructor(options: MonitorOptions) {
    this.#options = options;
  }

  get devices(): number {
    return this.#devices.size;
  }

  /** Alerts that have begun and are not over. */
  get raised(): number {
    return [...this.#devices.values()].reduce((sum, device) => sum + device.raised, 0);
  }

  /** @param nowMs ms since the epoch, which the clocks of devices are held against */
  watch(messages: readonly KafkaMessage[], nowMs: number): Watched {
    const clock = { nowMs, lateMs: this.#options.lateMs, aheadMs: this.#options.aheadMs };
    const alerts: Alert[] = [];
    const rejections: Rejection[] = [];
    const outcomes: Outcome[] = [];
    const refusals: Refusal[] = [];
    for (const message of messages) {
      const isNew = this.#isNew(message);
      const reading = read(message, clock);
      if (reading instanceof RefusedError) {
        rejections.push({ message, reason: reading.message });
        if (isNew) refusals.push(reading.refusal);
      } else if (isNew) {
        const watched = this.#device(reading).watch(reading);
        alerts.push(...(watched?.alerts ?? []));
        const fate = watched === undefined ? "late" : watched.verdict === undefined ? "learning" : "judged";
        const anomalous = watched?.verdict?.anomalous ?? false;
        outcomes.push({ type: reading.type, fate, anomalous, truth: truthOf(message) });
      }
    }
    return { alerts, rejections, outcomes, refusals };
  }

  #isNew({ partition, offset }: KafkaMessage): boolean {
    if (offset < (this.#next.get(partition) ?? 0n)) return false;
    this.#next.set(partition, offset + 1n);
    return true;
  }

  #device({ device, type }: CheckedReading): Device {
    const key = `${type}/${device}`;
    const known = this.#devices.get(key);
    if (known !== undefined) return known;
    const [oldest] = this.#devices.keys();
    if (oldest !== undefined && this.#devices.size >= this.#options.maxDevices) this.#devices.delete(oldest);
    const added = new Device(this.#options.limits, type);
    this.#devices.set(key, added);
    return added;
  }
}

function read({ value }: KafkaMessage, clock: ClockLimits): CheckedReading | RefusedError {
  try {
    return parseReading(value, clock);
  } catch (error) {
    if (error instanceof RefusedError) return error;
    throw error;
  }
}

function truthOf(message: KafkaMessage): boolean | undefined {
  const label = headerText(message, anomalyHeader);
  if (label === noAnomaly) return false;
  return anomalyKinds.some((kind) => kind === label) ? true : undefined;
}
