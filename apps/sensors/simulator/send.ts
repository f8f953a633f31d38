import type { OutgoingMessage } from "../../common/kafka-message.ts";
import type { Metrics } from "../../common/metrics.ts";
import { type AnomalyKind, anomalyHeader, anomalyKinds, noAnomaly } from "../contract.ts";
import type { Simulated } from "./fleet.ts";

export interface SendOptions {
  readonly topic: string;
  readonly metrics: Metrics;
  /** Resolves when every in-sync replica has the message. */
  readonly send: (message: OutgoingMessage) => Promise<void>;
  /** Told why a reading could not be sent. */
  readonly onFailure: (error: unknown) => void;
}

/** A reading as a message, with its truth beside it. */
export function messageOf(topic: string, { reading, anomaly }: Simulated): OutgoingMessage {
  return {
    topic,
    key: reading.device,
    value: JSON.stringify(reading),
    headers: { [anomalyHeader]: anomaly ?? noAnomaly },
  };
}

/** Sends readings and counts what becomes of them. */
export function sender({ topic, metrics, send, onFailure }: SendOptions) {
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
  return {
    /** Does not wait for the acknowledgement. */
    send(simulated: Simulated): void {
      sent.inc();
      count(simulated.anomaly);
      send(messageOf(topic, simulated)).then(
        () => acknowledged.inc(),
        (error: unknown) => {
          failed.inc();
          onFailure(error);
        },
      );
    },
    skip: () => skipped.inc(),
  };
}
