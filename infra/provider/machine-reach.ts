import { setTimeout as after } from "node:timers/promises";
import type { Context } from "../../lib/provider/handler.ts";
import type { Connection, Endpoint } from "../../lib/ssh/connection.ts";
import { scanHostKey } from "../../lib/ssh/host-key.ts";
import { mustRun, SshError } from "../../lib/ssh/run.ts";
import type { MachineInputs } from "./machine-inputs.ts";

const scanMs = 20_000;
const firstPauseMs = 1_000;
const longestPauseMs = 10_000;

/**
 * Waits until the machine lets us in.
 *
 * @param known the connection as it was pinned before
 * @returns the connection with the host keys of machine and jump: configured, known from before, or as shown now
 * @throws when it does not answer within `waitSeconds`, or refuses us, which waiting would not mend
 */
export async function reach(
  { name, connection, waitSeconds }: MachineInputs,
  context: Context,
  known?: Connection,
): Promise<Connection> {
  const deadline = performance.now() + waitSeconds * 1000;
  for (let pause = firstPauseMs; ; pause = Math.min(longestPauseMs, pause * 2)) {
    const failure = await tryToReach(connection, context, known);
    if (!(failure instanceof Error)) return failure;
    if (!(failure instanceof SshError) || !failure.transient || context.signal.aborted) throw failure;
    const left = deadline - performance.now();
    if (left < pause) {
      throw new Error(`${name} did not answer within ${waitSeconds} s (ssh.waitSeconds): ${failure.message}`);
    }
    await context.status(`waiting for ${name}, ${Math.round(left / 1000)} s at most`);
    await after(pause, undefined, { signal: context.signal });
  }
}

async function tryToReach(
  connection: Connection,
  { signal }: Context,
  known: Connection | undefined,
): Promise<Connection | Error> {
  try {
    const jump = connection.jump === undefined ? undefined : await pin(connection.jump, signal, known?.jump);
    const pinned: Connection = {
      ...(await pin({ ...connection, jump }, signal, known)),
      ...(jump === undefined ? {} : { jump }),
    };
    await mustRun(pinned, "exec true", { root: true, timeoutMs: scanMs, signal });
    return pinned;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** An endpoint with its host key: the configured one, that of last time at the same address, or what it shows now. */
async function pin<E extends Endpoint>(
  endpoint: E,
  signal: AbortSignal,
  known: Endpoint | undefined,
): Promise<E> {
  if (endpoint.hostKey !== undefined) return endpoint;
  if (known?.hostKey !== undefined && known.address === endpoint.address && known.port === endpoint.port) {
    return { ...endpoint, hostKey: known.hostKey };
  }
  const hostKey = await scanHostKey(endpoint, { timeoutMs: scanMs, signal });
  return hostKey === undefined ? endpoint : { ...endpoint, hostKey };
}
