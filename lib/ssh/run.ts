import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { destination, sshOptions } from "./arguments.ts";
import type { Connection } from "./connection.ts";
import { explain, type SshResult } from "./explain.ts";

export interface ScriptOptions {
  /** Run it as root, by sudo where the user is another one. */
  readonly root?: boolean;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Called for each line of standard output as it comes. */
  onLine?(line: string): void;
}

/**
 * Runs a bash script on a machine. The script goes by standard input, so nothing of it shows in a process list.
 *
 * @returns whatever became of it; see {@link mustRun} for a version that throws
 */
export function runScript(
  connection: Connection,
  script: string,
  options: ScriptOptions,
): Promise<SshResult> {
  const shell = options.root && connection.user !== "root" ? "sudo -n bash -s" : "bash -s";
  const signals = [AbortSignal.timeout(options.timeoutMs), ...(options.signal ? [options.signal] : [])];
  const signal = AbortSignal.any(signals);
  const child = spawn("ssh", ["-T", ...sshOptions(connection), ...destination(connection), shell], {
    stdio: ["pipe", "pipe", "pipe"],
    signal,
    // sudo and the tools' messages are matched against their English ones.
    env: { ...process.env, LC_ALL: "C" },
  });
  const [out, errors]: [string[], string[]] = [[], []];
  createInterface({ input: child.stdout }).on("line", (line) => {
    out.push(line);
    options.onLine?.(line);
  });
  createInterface({ input: child.stderr }).on("line", (line) => errors.push(line));
  // A connection that ends before it has taken the script tells why by its exit code.
  child.stdin.on("error", () => {});
  child.stdin.end(script);
  return new Promise((resolve, reject) => {
    child.on("error", (error) => {
      if (error.name !== "AbortError") return reject(new Error(`cannot run ssh: ${error.message}`));
      const timedOut = options.signal?.aborted !== true;
      errors.push(timedOut ? `timed out after ${options.timeoutMs / 1000} s` : "cancelled");
    });
    // ssh that is told to end does so with a code of its own.
    child.on("close", (code) =>
      resolve({ code: signal.aborted ? null : code, stdout: out.join("\n"), stderr: errors.join("\n") }),
    );
  });
}

/** A script that must end with code 0. @throws with ssh's trouble explained, or with the last lines of the script's own */
export async function mustRun(
  connection: Connection,
  script: string,
  options: ScriptOptions,
): Promise<string> {
  const result = await runScript(connection, script, options);
  if (result.code === 0) return result.stdout;
  throw new SshError(connection, result);
}

/** An SSH command that failed. */
export class SshError extends Error {
  override readonly name = "SshError";
  readonly transient: boolean;

  constructor(connection: Connection, result: SshResult) {
    const { reason, fix, transient } = explain(connection, result);
    super(fix === "" ? reason : `${reason}\n  fix: ${fix}`);
    this.transient = transient;
  }
}
