import type { AppContext } from "./app.ts";
import { messageOf } from "./errors.ts";
import { consumeBatches, createProducer, type KafkaMessage, type Rejection } from "./kafka.ts";
import { openPostgres, type Postgres } from "./postgres.ts";
import { retry } from "./retry.ts";

/** What a recorder's environment says of its stores; its variables are in app.ts and postgres-variables.ts. */
export interface RecorderValues {
  readonly KAFKA_BOOTSTRAP_SERVERS: readonly string[];
  readonly KAFKA_AUTO_OFFSET_RESET: "earliest" | "latest";
  readonly POSTGRES_HOST: string;
  readonly POSTGRES_PORT: number;
  readonly POSTGRES_DB: string;
  readonly POSTGRES_USER: string;
  readonly POSTGRES_PASSWORD_FILE: string;
  readonly MAX_BATCH: number;
  readonly STATE_FOLDER?: string | undefined;
}

/** A topic that a recorder stores. */
export interface RecordedTopic {
  /** Its name among the app's health parts. */
  readonly part: string;
  readonly topic: string;
  /** A group for each topic: when one of them cannot be stored, the others still are. */
  readonly groupId: string;
  readonly onBatch: (messages: readonly KafkaMessage[]) => Promise<readonly Rejection[]>;
  /** How long messages may gather at a broker, ms; half a second by default. */
  readonly maxWaitMs?: number;
  /** With how many bytes it does not wait any longer; 256 KiB by default. */
  readonly minBytes?: number;
}

export interface RecorderOptions {
  /** Name of the app. */
  readonly name: string;
  /** Folder of the migrations. */
  readonly migrations: string;
  /** Schema of its tables; PostgreSQL's own default when left out. */
  readonly schema?: string;
}

/** An app that stores topics in PostgreSQL. */
export interface Recorder {
  readonly postgres: Postgres;
  /** Brings the schema up to date, which takes as long as it takes, and then stores these topics until the app ends. */
  record(topics: readonly RecordedTopic[]): Promise<void>;
}

/** Health part that a recorder reports, beside those of its topics. */
export const postgresPart = "postgres";

/**
 * Nobody waits for a row: one request and one INSERT for what half a second brings, and no hurry to notice that another
 * member came.
 */
const unhurried = { minBytes: 256 * 1024, maxWaitMs: 500, heartbeatIntervalMs: 3000 } as const;

/** Connects an app to PostgreSQL and Kafka; nothing is awaited yet. */
export function openRecorder(
  { env, log, metrics, health, shutdown }: AppContext<RecorderValues>,
  { name, migrations, schema }: RecorderOptions,
): Recorder {
  const { signal } = shutdown;
  const postgres = openPostgres({
    host: env.POSTGRES_HOST,
    port: env.POSTGRES_PORT,
    database: env.POSTGRES_DB,
    user: env.POSTGRES_USER,
    password: env.POSTGRES_PASSWORD_FILE,
    maxConnections: 2,
    applicationName: name,
    log,
    ...(schema === undefined ? {} : { schema }),
  });
  shutdown.add("postgres", () => postgres.close());
  const common = { bootstrapServers: env.KAFKA_BOOTSTRAP_SERVERS, clientId: name, log };
  const producer = createProducer({ ...common, onState: health.reporter("dead letters") });
  shutdown.add("dead letters", () => producer.close());
  return {
    postgres,
    record: async (topics) => {
      const applied = await retry(() => postgres.migrate(migrations), {
        signal,
        onRetry: (err) => {
          health.fail(postgresPart, messageOf(err));
          log.warn({ err }, "PostgreSQL is not ready; trying again");
        },
      });
      log.info({ applied }, "schema is up to date");
      health.ok(postgresPart);
      for (const { part, ...topic } of topics) {
        const consumer = consumeBatches({
          ...common,
          metrics,
          signal,
          autoOffsetReset: env.KAFKA_AUTO_OFFSET_RESET,
          maxBatch: env.MAX_BATCH,
          stateFolder: env.STATE_FOLDER,
          ...unhurried,
          ...topic,
          deadLetters: producer,
          onState: health.reporter(part),
        });
        shutdown.add(`${part} consumer`, () => consumer.done);
      }
    },
  };
}
