import { Consumer, MessagesStreamModes, ProduceAcks, Producer } from "@platformatic/kafka";
import type { Candidate } from "./candidate.ts";

export const platformaticCandidate: Candidate = {
  name: "platformatic",
  async producer(bootstrap) {
    const producer = new Producer({
      clientId: "bench",
      bootstrapBrokers: [...bootstrap],
      idempotent: true,
      acks: ProduceAcks.ALL,
    });
    return {
      send: async (topic, value) => {
        await producer.send({ messages: [{ topic, value }] });
      },
      close: () => producer.close(),
    };
  },
  async consumer(bootstrap, topic, group, onMessage) {
    const consumer = new Consumer<Buffer, Buffer, Buffer, Buffer>({
      clientId: "bench",
      groupId: group,
      bootstrapBrokers: [...bootstrap],
      maxWaitTime: 500,
      minBytes: 1,
    });
    const stream = await consumer.consume({
      topics: [topic],
      mode: MessagesStreamModes.EARLIEST,
      autocommit: true,
    });
    stream.on("data", ({ value }) => onMessage(value));
    return {
      close: async () => {
        await stream.close();
        await consumer.close();
      },
    };
  },
};
