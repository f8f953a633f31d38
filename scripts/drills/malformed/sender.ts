import { createProducer } from "../../../apps/common/kafka.ts";
import { MessageTooLargeError } from "../../../apps/common/kafka-producer.ts";
import type { Malformed } from "./messages.ts";

/** Messages on their way at a time. */
const width = 50;

/** Sends malformed messages, and says of each in its place whether Kafka took it. @throws what else goes wrong */
export async function sendMalformed(
  messages: readonly Malformed[],
  {
    bootstrapServers,
    clientId,
    signal,
  }: { bootstrapServers: readonly string[]; clientId: string; signal: AbortSignal },
): Promise<boolean[]> {
  const producer = createProducer({ bootstrapServers, clientId });
  const taken = messages.map(() => false);
  const waiting = messages.entries();
  const work = async () => {
    for (const [i, { message }] of waiting) {
      if (signal.aborted) return;
      try {
        await producer.send(message);
        taken[i] = true;
      } catch (error) {
        if (!(error instanceof MessageTooLargeError)) throw error;
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: width }, work));
  } finally {
    await producer.close();
  }
  return taken;
}
