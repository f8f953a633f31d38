import type { ExactMessage } from "../../common/kafka-message.ts";
import type { KafkaProducer } from "../../common/kafka-producer.ts";
import type { Metrics } from "../../common/metrics.ts";
import { type AnomalyKind, anomalyHeader, anomalyKinds, noAnomaly } from "../contract.ts";
import type { Simulated } from "./fleet.ts";

export interface SendOptions {
  readonly topic: string;
  readonly metrics: Metrics;
  /** Sends a message, and tells when every in-sync replica has it or why they do not. */
  readonly post: KafkaProducer["post"];
  /** Told why a reading could not be sent. */
  readonly onFailure: (error: unknown) => void;
}

/** A reading as a message, with its truth beside it. */
export function messageOf(topic: string, { reading, anomaly }: Simulated): ExactMessage {
  return {
    topic,
    key: Buffer.from(reading.device),
    value: Buffer.from(JSON.stringify(reading)),
    headers: labels[anomaly ?? noAnomaly],
  };
}

const label = (kind: string): ExactMessage["headers"] => [[Buffer.from(anomalyHeader), Buffer.from(kind)]];
const labels = Object.fromEntries([...anomalyKinds, noAnomaly].map((kind) => [kind, label(kind)])) as Record<
  AnomalyKind | typeof noAnomaly,
  ExactMessage["headers"]
>;

/** Sends readings and counts what becomes of them. */
export function sender({ topic, metrics, post, onFailure }: SendOptions) {
  const counter = (name: string, help: string) => metrics.counter(`sensors_readings_${name}_total`, help);
  const sent = counter("sent", "Readings handed to the Kafka client.");
  const acknowledged = counter("acknowledged", "Readings that all in-sync replicas have.");
  const failed = counter("failed", "Readings that Kafka did not take.");
  const skipped = counter("skipped", "Readings left out because they would have been sent too late.");
  const anomalies = metrics.counter("sensors_anomalies_total", "Anomalies put into readings.", ["kind"]);
  for (const kind of anomalyKinds) anomalies.inc({ kind }, 0);
  const count = (kind: AnomalyKind | undefined) => {
    if (kind !== undefined) anomalies.inc({ kind });
  };
  const done = (error?: unknown) => {
    if (error === undefined) {
      acknowledged.inc();
      return;
    }
    failed.inc();
    onFailure(error);
  };
  return {
    /** Does not wait for the acknowledgement. */
    send(simulated: Simulated): void {
      sent.inc();
      count(simulated.anomaly);
      post(messageOf(topic, simulated), done);
    },
    skip: () => skipped.inc(),
  };
}
