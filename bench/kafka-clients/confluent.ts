import { createRequire } from "node:module";
import { join } from "node:path";
import { cacheDir } from "../../scripts/toolchain/paths.ts";
import type { Candidate } from "./candidate.ts";

/** Where it is installed: it is no dependency of the lab, and its native part is not to be had everywhere. */
export const confluentFolder = (): string => join(cacheDir(process.env), "bench", "confluent");

/** The part of its kafkajs-like interface that is used here. */
interface Module {
  readonly KafkaJS: {
    readonly Kafka: new (
      config: object,
    ) => {
      producer(config: object): {
        connect(): Promise<void>;
        send(record: { topic: string; messages: { value: Buffer }[] }): Promise<unknown>;
        disconnect(): Promise<void>;
      };
      consumer(config: object): {
        connect(): Promise<void>;
        subscribe(to: { topic: string }): Promise<void>;
        run(how: {
          eachMessage: (payload: { message: { value: Buffer | null } }) => Promise<void>;
        }): Promise<void>;
        assignment(): readonly unknown[];
        disconnect(): Promise<void>;
      };
    };
  };
}

/** @throws when it is not installed */
export function confluentCandidate(): Candidate {
  const require = createRequire(join(confluentFolder(), "package.json"));
  const { KafkaJS } = require("@confluentinc/kafka-javascript") as Module;
  const client = (bootstrap: readonly string[]) =>
    new KafkaJS.Kafka({ kafkaJS: { clientId: "bench", brokers: [...bootstrap], logLevel: 0 } });
  return {
    name: "confluent",
    async producer(bootstrap) {
      const producer = client(bootstrap).producer({
        kafkaJS: { idempotent: true, acks: -1 },
        "linger.ms": 0,
      });
      await producer.connect();
      return {
        send: async (topic, value) => {
          await producer.send({ topic, messages: [{ value }] });
        },
        close: () => producer.disconnect(),
      };
    },
    async consumer(bootstrap, topic, group, onMessage) {
      const consumer = client(bootstrap).consumer({
        kafkaJS: { groupId: group, fromBeginning: true },
        "fetch.wait.max.ms": 500,
      });
      await consumer.connect();
      await consumer.subscribe({ topic });
      await consumer.run({
        eachMessage: async ({ message }) => {
          if (message.value !== null) onMessage(message.value);
        },
      });
      while (consumer.assignment().length === 0) await new Promise((resolve) => setTimeout(resolve, 100));
      return { close: () => consumer.disconnect() };
    },
  };
}
