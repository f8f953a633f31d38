import { nowUs } from "../../apps/common/clock.ts";
import { headerText } from "../../apps/common/kafka-message.ts";
import { follow } from "./follow.ts";

/** A frame as it was read: its number and how long it took from capture to here. */
export interface Arrival {
  readonly camera: string;
  readonly seq: number;
  readonly latencyMs: number;
  readonly bytes: number;
}

/** Reads frames from the end of a topic on, whoever sent them. */
export async function followFrames(bootstrapServers: readonly string[], topic: string) {
  const arrivals: Arrival[] = [];
  const names = { clientId: "bench-consumer", groupId: `${topic}-consumer`, topic };
  const { close } = await follow(bootstrapServers, names, (messages) => {
    const us = nowUs();
    for (const message of messages) {
      arrivals.push({
        camera: headerText(message, "camera") ?? "",
        seq: Number(headerText(message, "seq")),
        latencyMs: (us - Number(headerText(message, "captured-us"))) / 1000,
        bytes: message.value?.length ?? 0,
      });
    }
  });
  return {
    /** What has come since it was asked last. */
    take: (): Arrival[] => arrivals.splice(0),
    close,
  };
}
