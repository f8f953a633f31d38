import { renameSync, writeFileSync } from "node:fs";
import { uptime } from "node:os";
import type { Health } from "./health.ts";

export interface HeartbeatOptions {
  readonly health: Health;
  /** Where the container's health check looks (images/node/healthy); in memory, as it is written every few seconds. */
  readonly file: string;
  readonly everyMs?: number;
  /** How long a heartbeat is good for, in seconds: what an event loop may hang without being noticed. */
  readonly goodSeconds?: number;
}

/**
 * Leaves word in a file, now and every two seconds, until when it is good (whole seconds since the machine's start,
 * which no clock step changes), on a second line what is wrong and on a third what is missing, if anything. So a health check needs neither an
 * interpreter nor a connection, and an app whose event loop hangs is unhealthy without a word.
 *
 * @returns what stops it
 * @throws when the file cannot be written
 */
export function startHeartbeat({
  health,
  file,
  everyMs = 2000,
  goodSeconds = 15,
}: HeartbeatOptions): () => void {
  const beat = () => {
    const lines = [Math.floor(uptime()) + goodSeconds, line(health.problems()), line(health.warnings())];
    writeFileSync(`${file}.next`, `${lines.join("\n")}\n`);
    renameSync(`${file}.next`, file);
  };
  beat();
  const timer = setInterval(beat, everyMs);
  return () => clearInterval(timer);
}

function line(reasons: Readonly<Record<string, string>>): string {
  const all = Object.entries(reasons).map(([part, reason]) => `${part}: ${reason}`);
  return all.join("; ").replaceAll(/\s+/g, " ");
}
