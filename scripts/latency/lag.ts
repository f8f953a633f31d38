import { consumerGroups, resultsGroup, topicNames } from "../../apps/classification/contract.ts";
import type { KafkaAdmin } from "../../apps/common/kafka-admin.ts";
import { pause } from "../../apps/common/retry.ts";
import { messagesIn } from "../lab/kafka-state.ts";
import type { Point } from "./statistics/slope.ts";

/** How far a consumer group was behind, over time: x = seconds, y = messages. */
export interface LagSeries {
  readonly group: string;
  readonly topic: string;
  readonly points: readonly Point[];
  /** Readings that failed, as while a broker is down. */
  readonly failures: number;
}

const groups = [
  { group: consumerGroups.classifier, topic: topicNames.images },
  { group: consumerGroups.recorder, topic: topicNames.images },
  { group: resultsGroup(consumerGroups.recorder), topic: topicNames.results },
];
const everyMs = 1000;

/** Reads the lag of the pipeline's consumer groups every second until the signal aborts. */
export async function followLag(admin: Pick<KafkaAdmin, "lag">, signal: AbortSignal): Promise<LagSeries[]> {
  const startMs = performance.now();
  const series = groups.map((of) => ({ ...of, points: [] as Point[], failures: 0 }));
  while (!signal.aborted) {
    await Promise.all(
      series.map(async (one) => {
        const y = await admin.lag(one.group, one.topic).then(
          (partitions) => messagesIn(partitions),
          () => undefined,
        );
        if (y === undefined) one.failures += 1;
        else one.points.push({ x: (performance.now() - startMs) / 1000, y });
      }),
    );
    await pause(everyMs, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
  return series;
}
