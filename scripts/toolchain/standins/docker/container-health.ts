import { readableLine } from "../../../../lib/log-lines.ts";
import type { Context } from "../../../../lib/provider/server.ts";
import { type Inspected, inspected } from "./container-read.ts";
import type { Engine } from "./engine.ts";

export function inspectContainer(engine: Engine, name: string): Promise<Inspected | undefined> {
  return engine.inspect(`/containers/${encodeURIComponent(name)}/json`, inspected);
}

/** Starts that end again before a container with a restart policy is given up. */
const CRASHES = 3;
const LOG_LINES = 20;

/** "healthy", "pending", or why waiting any longer is pointless. */
export function verdict(container: Inspected | undefined): string {
  if (container === undefined) return "was removed while it was starting";
  const { State, RestartCount, HostConfig } = container;
  if (State.Health === undefined) return "has no health check to wait for";
  if (State.Health.Status === "unhealthy") {
    return RestartCount === 0 ? "is unhealthy" : `is unhealthy and was restarted ${RestartCount} times`;
  }
  const ended = State.Status === "exited" || State.Status === "dead";
  const restarts = HostConfig.RestartPolicy.Name !== "" && HostConfig.RestartPolicy.Name !== "no";
  if (ended && !restarts) return `exited with code ${State.ExitCode}`;
  if (RestartCount >= CRASHES)
    return `keeps exiting (${RestartCount} restarts, last with code ${State.ExitCode})`;
  return State.Running && State.Health.Status === "healthy" ? "healthy" : "pending";
}

/**
 * Starts a container (or takes one that runs) and waits for its health check to pass.
 *
 * @throws when it is unhealthy, ends, or is not healthy in time; the message has its last log lines
 */
export async function startHealthy(
  engine: Engine,
  id: string,
  name: string,
  seconds: number,
  context: Context,
  start: () => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const timeout = AbortSignal.timeout(seconds * 1000);
  const signal = AbortSignal.any([stop.signal, timeout, context.signal]);
  const events = await engine.events(
    [`container=${id}`, "event=health_status", "event=die", "event=destroy"],
    signal,
  );
  try {
    await start();
    await context.status(`waiting for ${name} to be healthy (up to ${seconds} s)`);
    let state = verdict(await inspectContainer(engine, id));
    if (state === "pending") {
      for await (const _event of events) {
        state = verdict(await inspectContainer(engine, id));
        if (state !== "pending") break;
      }
    }
    if (state === "healthy") return;
    context.signal.throwIfAborted();
    const reason = state === "pending" ? `is not healthy after ${seconds} s` : state;
    throw new Error(`container ${name} ${reason}${await lastLog(engine, id)}`);
  } finally {
    stop.abort();
  }
}

/** The container's last log lines as the end of a message, and how to see more. */
export async function lastLog(engine: Engine, id: string): Promise<string> {
  const { code, lines } = await engine.run(["logs", "--tail", String(LOG_LINES), id]);
  if (code !== 0) return `; its log cannot be read: ${lines.join(" ")}`;
  return lines.length === 0
    ? "; its log is empty"
    : `. The last lines of its log:\n${lines.map(readableLine).join("\n")}`;
}
