import { setFlagsFromString } from "node:v8";
import { choice, integer, list, string } from "./env.ts";
import { Health } from "./health.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { createHttpServer, type HttpServer, listen } from "./http.ts";
import { createLogger, type Logger, type LogLevel, logLevels } from "./logging.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { exitFailed, Shutdown } from "./shutdown.ts";

// What comes from sockets, messages and frames, lives outside of V8's heap. By default V8 clears the whole heap whenever
// 32 MB of that have come, which is every other second of a busy consumer; so it counts it like all other memory.
setFlagsFromString("--external-memory-accounted-in-global-limit");

/** Variables that every app has; spread them into its `defineEnv`. */
export const appVariables = {
  LOG_LEVEL: choice(logLevels).default("info"),
  /** Where the app runs, such as `lab`; in every log line. */
  ENVIRONMENT: string().default("lab"),
  /** IPv4 address that the HTTP side listens on. */
  HTTP_HOST: string().default("0.0.0.0"),
  HTTP_PORT: integer({ min: 0, max: 65_535 }).default(8080),
  /** Time to end in after SIGTERM, ms; shorter than what Docker gives before SIGKILL. */
  SHUTDOWN_GRACE_MS: integer({ min: 100 }).default(20_000),
  /** Where the container's health check looks for the app's heartbeat; set by the image. None is left without it. */
  HEARTBEAT_FILE: string().optional(),
  /** Folder that outlives the process, not the container; set by the image. Consumers count attempts there. */
  STATE_FOLDER: string().optional(),
};

/** Variables of every app that talks to Kafka. */
export const kafkaVariables = {
  /** `host:port` of every broker. */
  KAFKA_BOOTSTRAP_SERVERS: list(),
};

interface CommonValues {
  readonly LOG_LEVEL: LogLevel;
  readonly ENVIRONMENT: string;
  readonly HTTP_HOST: string;
  readonly HTTP_PORT: number;
  readonly SHUTDOWN_GRACE_MS: number;
  readonly HEARTBEAT_FILE?: string | undefined;
  readonly STATE_FOLDER?: string | undefined;
}

/** What an app is given to work with. */
export interface AppContext<V> {
  readonly env: V;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  /** Routes must be added before `start` returns. */
  readonly http: HttpServer;
  readonly shutdown: Shutdown;
}

export interface AppOptions<V> {
  readonly name: string;
  readonly env: { parse(environment: NodeJS.ProcessEnv): V };
  /** What must work before `/healthz` says 200. */
  readonly healthParts: readonly string[];
  /**
   * Sets the app up and returns what it then does. That runs once the HTTP side listens; when it returns, the app goes
   * on until it is told to end, and when it throws, the app ends with exit code 1.
   */
  readonly start: (context: AppContext<V>) => () => Promise<void>;
}

/**
 * The shell of every app: environment → log → metrics → HTTP → the app itself → orderly end on SIGTERM or SIGINT. The
 * process exits with 0 when it was told to end and did so within SHUTDOWN_GRACE_MS.
 */
export async function runApp<V extends CommonValues>({
  name,
  env,
  healthParts,
  start,
}: AppOptions<V>): Promise<void> {
  const values = parseOrExit(name, env);
  const log = createLogger({ app: name, level: values.LOG_LEVEL, environment: values.ENVIRONMENT });
  const metrics = createMetrics(name);
  const health = new Health(healthParts);
  const http = createHttpServer({ health, metrics });
  const shutdown = new Shutdown({ log, graceMs: values.SHUTDOWN_GRACE_MS });
  const end = async (why: string, code: number) => process.exit(await shutdown.end(why, code));
  const fail = (err: unknown) => {
    log.fatal({ err }, "the app cannot go on");
    void end("failure", exitFailed);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void end(signal, 0));
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  shutdown.add("http", () => http.close());
  shutdown.signal.addEventListener("abort", () => health.fail("shutdown", "shutting down"));
  try {
    const run = start({ env: values, log, metrics, health, http, shutdown });
    const port = await listen(http, values.HTTP_PORT, values.HTTP_HOST);
    log.info({ port }, "listening");
    if (values.HEARTBEAT_FILE !== undefined) startHeartbeat({ health, file: values.HEARTBEAT_FILE });
    await run();
  } catch (error) {
    if (!shutdown.signal.aborted) fail(error);
    // What fails because the app is ending is not a failure of the app.
    else if (error !== shutdown.signal.reason) log.warn({ err: error }, "failed while shutting down");
  }
}

function parseOrExit<V>(name: string, env: { parse(environment: NodeJS.ProcessEnv): V }): V {
  try {
    return env.parse(process.env);
  } catch (err) {
    createLogger({ app: name, level: "info", environment: "unknown" }).fatal({ err }, "bad environment");
    return process.exit(exitFailed);
  }
}
