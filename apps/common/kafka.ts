/** The data path to Kafka: what carries messages. Administration is in kafka-admin.ts. */
export * from "./consumer-options.ts";
export * from "./kafka-consumer.ts";
export * from "./kafka-message.ts";
export * from "./kafka-producer.ts";
