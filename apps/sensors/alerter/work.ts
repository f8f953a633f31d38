import type { KafkaMessage, OutgoingMessage, Rejection } from "../../common/kafka-message.ts";
import type { Logger } from "../../common/logging.ts";
import type { Alert } from "../contract.ts";
import { AlertLog } from "./alert-log.ts";
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

/**
 * What is done with a batch of readings: it resolves when its alerts are in Kafka, so that no reading is committed whose
 * alert could still be lost.
 */
export function watchBatch({ monitor, topic, send, count, log, now }: WorkOptions) {
  /** Alerts that Kafka may not have yet. A batch that failed comes again, and its readings raise nothing twice. */
  let unsent: readonly Alert[] = [];
  const alertLog = new AlertLog({ log, now: () => performance.now() });
  return async (messages: readonly KafkaMessage[]): Promise<readonly Rejection[]> => {
    const watched = monitor.watch(messages, now());
    count(watched);
    alertLog.tell(watched.alerts);
    unsent = [...unsent, ...watched.alerts];
    await Promise.all(unsent.map((alert) => send(toMessage(topic, alert))));
    unsent = [];
    return watched.rejections;
  };
}

function toMessage(topic: string, alert: Alert): OutgoingMessage {
  return { topic, key: alert.device, value: JSON.stringify(alert) };
}
