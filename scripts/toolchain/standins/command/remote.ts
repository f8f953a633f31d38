import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { destination, sshOptions } from "../../../../lib/ssh/arguments.ts";
import type { Connection, Endpoint as SshEndpoint } from "../../../../lib/ssh/connection.ts";
import { explain } from "../../../../lib/ssh/explain.ts";
import { watched } from "./child.ts";
import type { Run } from "./command.ts";
import type { Endpoint, RemoteInputs } from "./inputs.ts";

const firstPauseMs = 100;
const longestPauseMs = 5_000;

/** Runs it by the log-in shell of the user on another machine, which must show the host key that is known of it. */
export const runRemotely: Run<RemoteInputs> = async (command, { connection, stdin }, context, onLine) => {
  const folder = await mkdtemp(join(tmpdir(), "edgelab-command-"));
  try {
    const { proxy } = connection;
    const known: Connection = {
      ...(await sshEndpoint(connection, join(folder, "key"))),
      ...(proxy === undefined ? {} : { jump: await sshEndpoint(proxy, join(folder, "proxy-key")) }),
    };
    const args = sshArguments(known, connection);
    await dial(known, args, connection.dialErrorLimit, context.signal);
    const options = { stdin, signal: context.signal, onLine };
    const { code, signalName, ...said } = await watched("ssh", [...args, command], options);
    if (code === 0) return { failure: undefined, ...said };
    return { failure: code === null ? `ssh: ${signalName}` : `Process exited with status ${code}`, ...said };
  } finally {
    await rm(folder, { recursive: true });
  }
};

function sshArguments(known: Connection, { perDialTimeout }: Endpoint): string[] {
  return [
    // The official provider reads no configuration of the user's.
    ...["-T", "-F", "none", "-o", `ConnectTimeout=${perDialTimeout === 0 ? "none" : perDialTimeout}`],
    ...(known.keyFile === undefined ? ["-o", "IdentityFile=none"] : []),
    ...sshOptions(known),
    ...destination(known),
  ];
}

/**
 * Waits until the machine lets us in: by a log-in of its own, as an ssh that ends with 255 does not tell whether the
 * command has run, and a command must not run twice.
 *
 * @throws with the reason, when waiting does not mend it or there were too many failures
 */
async function dial(
  known: Connection,
  args: readonly string[],
  errorLimit: number,
  signal: AbortSignal,
): Promise<void> {
  for (let failed = 1, pause = firstPauseMs; ; failed += 1, pause = Math.min(longestPauseMs, pause * 2)) {
    const end = await watched("ssh", [...args, "exec true"], { stdin: undefined, signal, onLine: () => {} });
    if (end.code === 0) return;
    const { reason, fix, transient } = explain(known, end);
    const isLast = errorLimit >= 0 && failed > errorLimit;
    if (!transient || isLast) throw new Error(fix === "" ? reason : `${reason}\n  fix: ${fix}`);
    await after(pause, undefined, { signal });
  }
}

/** Private keys come as text, and ssh takes them from files only. */
async function sshEndpoint(
  { host, port, user, privateKey, hostKey }: Endpoint,
  file: string,
): Promise<SshEndpoint> {
  const endpoint = { address: host, port, user, hostKey };
  if (privateKey === undefined) return endpoint;
  await writeFile(file, privateKey.endsWith("\n") ? privateKey : `${privateKey}\n`, { mode: 0o600 });
  return { ...endpoint, keyFile: file };
}
