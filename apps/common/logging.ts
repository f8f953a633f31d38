import { pino } from "pino";
import { loggable } from "./errors.ts";

/** Structured log: one JSON object a line on standard output. */
export type Logger = pino.Logger;

export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LoggerOptions {
  /** Name of the app, in every line. */
  readonly app: string;
  readonly level: LogLevel;
  /** Where it runs, such as `lab` or `production`, in every line. */
  readonly environment: string;
}

/** Lines carry their level as a word and their time in ISO 8601; an error under `err` its message, code, cause and stack. */
export function createLogger({ app, level, environment }: LoggerOptions): Logger {
  return pino({
    level,
    base: { app, environment },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: loggable },
    formatters: { level: (label) => ({ level: label }) },
  });
}
