import type { Context } from "../../lib/provider/handler.ts";
import type { Connection } from "../../lib/ssh/connection.ts";
import { mustRun, runScript } from "../../lib/ssh/run.ts";
import { shellWord } from "../../lib/ssh/shell.ts";

const timeoutMs = 30_000;

/**
 * Makes a folder, with those above it, on a machine, and gives the new ones to a user.
 * @returns the topmost one that had to be made; empty when it was there already
 * @throws when the user could not write to it, with the command that mends it
 */
export async function makeRemoteFolder(
  connection: Connection,
  { path, uid, gid }: { path: string; uid: number; gid: number },
): Promise<string> {
  const script = `set -euo pipefail
path=${shellWord(path)}
top=
above=$path
while [[ ! -e $above ]]; do top=$above; above=$(dirname "$above"); done
if [[ -n $top ]]; then
  mkdir -p "$path"
  chown ${uid}:${gid} "$path"
fi
if ! setpriv --reuid ${uid} --regid ${gid} --clear-groups test -w "$path"; then
  echo "$path cannot be written by user ${uid}, as which the lab's containers run\n  fix, there: chown ${uid}:${gid} $path" >&2
  exit 3
fi
printf '%s' "$top"`;
  return mustRun(connection, script, { root: true, timeoutMs });
}

/** Whether it is there; a machine that cannot be asked is taken at its last word. */
export async function remoteFolderIsThere(
  connection: Connection,
  path: string,
  context: Context,
): Promise<boolean> {
  const { signal } = context;
  const script = `[[ -d ${shellWord(path)} ]] && echo there || echo gone`;
  const { code, stdout } = await runScript(connection, script, { root: true, timeoutMs: 15_000, signal });
  return code !== 0 || stdout === "there";
}

/** Removes what was made, as far as it is empty. A machine that does not answer keeps it, and the user is told. */
export async function removeRemoteFolder(
  connection: Connection,
  path: string,
  made: string,
  context: Context,
): Promise<void> {
  const script = `set -euo pipefail
path=${shellWord(path)}
made=${shellWord(made)}
while [[ $path == "$made"* ]]; do
  rmdir --ignore-fail-on-non-empty "$path" 2>/dev/null || true
  [[ ! -e $path ]] || exit 0
  path=$(dirname "$path")
done`;
  const { signal } = context;
  const result = await runScript(connection, script, { root: true, timeoutMs, signal });
  if (result.code === 0) return;
  await context.log("warning", `${path} may be left on ${connection.address}: ${result.stderr}`);
}
