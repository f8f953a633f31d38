import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface ChildOptions {
  /** All that it can read; nothing when left out. */
  readonly stdin: string | undefined;
  readonly signal: AbortSignal;
  onLine(stream: "stdout" | "stderr", line: string): void;
}

export interface ChildEnd {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signalName: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both in the order in which they came. */
  readonly both: string;
}

/** Runs a program to its end, and tells its lines as they come. @throws when it cannot be started, or was cancelled */
export function watched(
  file: string,
  args: readonly string[],
  { stdin = "", signal, onLine }: ChildOptions,
): Promise<ChildEnd> {
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"], signal });
  const said = { stdout: "", stderr: "", both: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      said[stream] += text;
      said.both += text;
    });
    createInterface({ input: child[stream] }).on("line", (line) => onLine(stream, line));
  }
  // One that ends before it has read everything tells why by its exit code.
  child.stdin.on("error", () => {});
  child.stdin.end(stdin);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signalName) => resolve({ code, signalName, ...said }));
  });
}
