import type { KafkaMessage, OutgoingMessage, Rejection } from "../../common/kafka-message.ts";
import type { Logger } from "../../common/logging.ts";
import type { Alert } from "../contract.ts";
import type { Monitor, Watched } from "./monitor.ts";

export interface WorkOptions {
  readonly monitor: Monitor;
  /** Topic of alerts. */
  readonly topic: string;
  /** Resolves when every in-sync replica has the message. */
  readonly send: (message: OutgoingMessage) => Promise<void>;
  readonly count: (watched: Watched) => void;
  readonly log: Logger;
  /** ms since the epoch. */
  readonly now: () => number;
}

/** Alerts of one batch that have a line of their own in the log. */
const logged = 10;

/**
 * What is done with a batch of readings: it resolves when its alerts are in Kafka, so that no reading is committed whose
 * alert could still be lost.
 */
export function watchBatch({ monitor, topic, send, count, log, now }: WorkOptions) {
  /** Alerts that Kafka may not have yet. A batch that failed comes again, and its readings raise nothing twice. */
  let unsent: readonly Alert[] = [];
  return async (messages: readonly KafkaMessage[]): Promise<readonly Rejection[]> => {
    const watched = monitor.watch(messages, now());
    count(watched);
    tell(watched.alerts, log);
    unsent = [...unsent, ...watched.alerts];
    await Promise.all(unsent.map((alert) => send(toMessage(topic, alert))));
    unsent = [];
    return watched.rejections;
  };
}

function toMessage(topic: string, alert: Alert): OutgoingMessage {
  return { topic, key: alert.device, value: JSON.stringify(alert) };
}

function tell(alerts: readonly Alert[], log: Logger): void {
  for (const alert of alerts.slice(0, logged)) {
    const { id, kind, device, detail, time } = alert;
    const what = { id, kind, device, detail, time };
    if (alert.state === "raised") log.warn(what, "alert raised");
    else log.info(what, "alert cleared");
  }
  if (alerts.length > logged) log.warn({ alerts: alerts.length - logged }, "more alerts in the same batch");
}
