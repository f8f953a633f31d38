import { spawn } from "node:child_process";
import { constants, createWriteStream } from "node:fs";
import { access, mkdir, stat } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { ToolchainError } from "./errors.ts";

export type Env = Readonly<Record<string, string | undefined>>;

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Env;
  /** The command is stopped after this long, and counts as failed. */
  readonly timeoutMs?: number;
  readonly input?: string;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a short command and gathers its output. Does not throw: a command that cannot be started has code 127. */
export async function capture(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.env,
    timeout: options.timeoutMs,
    killSignal: "SIGKILL",
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A command that reads nothing closes its input early; that is no failure of ours.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  const ended = exitCode(child);
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return typeof code === "number" ? { code, stdout, stderr } : { code: 127, stdout, stderr: code.message };
}

/** Standard output of a command, trimmed; undefined when it fails. */
export async function output(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string | undefined> {
  const result = await capture(file, args, options);
  return result.code === 0 ? result.stdout.trim() : undefined;
}

/**
 * Runs a long command with all its output in a log file.
 * @throws ToolchainError with the tail of the log and where the whole of it is.
 */
export async function logged(
  logFile: string,
  file: string,
  args: readonly string[],
  options: RunOptions & { readonly fix?: string } = {},
): Promise<void> {
  await mkdir(dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile, { flags: "a" });
  log.write(`\n$ ${[file, ...args].join(" ")}\n`);
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.env,
    timeout: options.timeoutMs,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const tail: string[] = [];
  const keep = (chunk: Buffer): void => {
    tail.push(...chunk.toString().split("\n"));
    tail.splice(0, tail.length - 25);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const [code] = await Promise.all([
    exitCode(child),
    pipeline(child.stdout, log, { end: false }),
    pipeline(child.stderr, log, { end: false }),
  ]);
  log.end();
  if (code === 0) return;
  const why =
    typeof code === "number" ? `failed with exit code ${code}` : `could not be started (${code.message})`;
  const shown = tail.filter((line) => line.trim() !== "").map((line) => `    ${line}`);
  throw new ToolchainError(
    [`${file} ${args.slice(0, 3).join(" ")} … ${why}`, ...shown].join("\n"),
    options.fix ?? `read the whole log in ${logFile}, then run the same command again`,
  );
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
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function exitCode(child: ReturnType<typeof spawn>): Promise<number | Error> {
  return new Promise((resolve) => {
    child.once("error", resolve);
    child.once("close", (code, signal) => resolve(code ?? 128 + (constantsOf(signal) ?? 0)));
  });
}

function constantsOf(signal: NodeJS.Signals | null): number | undefined {
  const numbers: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
  return signal === null ? undefined : numbers[signal];
}
