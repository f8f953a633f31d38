import { constants as files } from "node:fs";
import { access, appendFile, mkdir, stat } from "node:fs/promises";
import { constants as system } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { execa, type Options } from "execa";
import { ToolchainError } from "./errors.ts";

export type Env = Readonly<Record<string, string | undefined>>;

const SHOWN_LINES = 25;
const FORWARDED: readonly NodeJS.Signals[] = ["SIGTERM", "SIGHUP", "SIGINT"];

/**
 * execa for short commands whose failure is an answer, not an exception: look at `failed`. An `env` that is given is the
 * whole environment, and the command's input is empty unless `input` says otherwise.
 */
export const attempt = execa({ reject: false, extendEnv: false, input: "", killSignal: "SIGKILL" });

/** Standard output of a command, trimmed; undefined when it fails. */
export async function output(
  file: string,
  args: readonly string[],
  options: Pick<Options, "cwd" | "env" | "timeout"> = {},
): Promise<string | undefined> {
  const { failed, stdout } = await attempt(file, args, options);
  return failed ? undefined : String(stdout).trim();
}

/**
 * Runs a long command with all its output in a log file.
 * @throws ToolchainError with the tail of the log and where the whole of it is.
 */
export async function logged(
  logFile: string,
  file: string,
  args: readonly string[],
  { fix, ...options }: Pick<Options, "cwd" | "env" | "timeout"> & { readonly fix?: string } = {},
): Promise<void> {
  await mkdir(dirname(logFile), { recursive: true });
  await appendFile(logFile, `\n$ ${[file, ...args].join(" ")}\n`);
  const log = { file: logFile, append: true } as const;
  const command = execa(file, args, {
    ...options,
    extendEnv: false,
    reject: false,
    buffer: false,
    all: true,
    stdin: "ignore",
    stdout: [log, "pipe"],
    stderr: [log, "pipe"],
  });
  const tail: string[] = [];
  for await (const line of command.iterable({ from: "all" })) {
    if (line.trim() !== "") tail.push(`    ${line}`);
    if (tail.length > SHOWN_LINES) tail.shift();
  }
  const { failed, exitCode, originalMessage, timedOut } = await command;
  if (!failed) return;
  const why = timedOut
    ? `took longer than ${(options.timeout ?? 0) / 1000} s`
    : exitCode === undefined
      ? `could not be run (${originalMessage})`
      : `failed with exit code ${exitCode}`;
  throw new ToolchainError(
    [`${file} ${args.slice(0, 3).join(" ")} … ${why}`, ...tail].join("\n"),
    fix ?? `read the whole log in ${logFile}, then run the same command again`,
  );
}

/**
 * Runs a command on our terminal and returns its exit code (128 + n when signal n ended it). Signals go on to it, and we
 * live until it ends, however long it takes. SIGINT from a terminal reaches it without us: the terminal signals the group.
 */
export async function onTerminal(
  file: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<number> {
  const command = execa(file, args, {
    ...options,
    extendEnv: false,
    stdio: "inherit",
    reject: false,
    // Pulumi ends what it has begun, which may take minutes.
    forceKillAfterDelay: false,
  });
  const forward = (signal: NodeJS.Signals): void => {
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    command.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  try {
    const { exitCode, signal, shortMessage } = await command;
    if (exitCode !== undefined) return exitCode;
    if (signal !== undefined) return 128 + system.signals[signal];
    throw new Error(shortMessage);
  } finally {
    for (const signal of FORWARDED) process.off(signal, forward);
  }
}

/** The full path of a command on a PATH, or undefined. Folders in `except` are passed over. */
export async function which(
  name: string,
  path: string,
  except: readonly string[] = [],
): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    if (folder === "" || except.includes(folder)) continue;
    if (await isExecutable(join(folder, name))) return join(folder, name);
  }
  return undefined;
}

export async function isExecutable(file: string): Promise<boolean> {
  const isFile = await stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile) return false;
  return access(file, files.X_OK).then(
    () => true,
    () => false,
  );
}
