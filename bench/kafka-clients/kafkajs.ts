import kafkajs from "kafkajs";
import type { Candidate } from "./candidate.ts";

/** kafkajs's way, which @confluentinc/kafka-javascript follows as well, save for where some settings stand. */
export const kafkajsCandidate: Candidate = {
  name: "kafkajs",
  async producer(bootstrap) {
    const producer = client(bootstrap).producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    return {
      send: async (topic, value) => {
        await producer.send({ topic, acks: -1, messages: [{ value }] });
      },
      close: () => producer.disconnect(),
    };
  },
  async consumer(bootstrap, topic, group, onMessage) {
    const consumer = client(bootstrap).consumer({ groupId: group, maxWaitTimeInMs: 500, minBytes: 1 });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const joined = new Promise<void>((resolve) => consumer.on(consumer.events.GROUP_JOIN, () => resolve()));
    await consumer.run({
      eachMessage: async ({ message }) => {
        if (message.value !== null) onMessage(message.value);
      },
    });
    await joined;
    return { close: () => consumer.disconnect() };
  },
};

function client(bootstrap: readonly string[]) {
  return new kafkajs.Kafka({
    clientId: "bench",
    brokers: [...bootstrap],
    logLevel: kafkajs.logLevel.NOTHING,
  });
}
