import { spawn } from "node:child_process";
import { constants } from "node:os";

const FORWARDED: readonly NodeJS.Signals[] = ["SIGTERM", "SIGHUP", "SIGINT"];

/**
 * Runs a command on our terminal and returns its exit code (128 + n when signal n ended it). Signals go on to
 * it, and we live until it ends. SIGINT from a terminal reaches it without us: the terminal signals the group.
 */
export function interactive(
  file: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<number> {
  const child = spawn(file, args, { ...options, stdio: "inherit" });
  const forward = (signal: NodeJS.Signals): void => {
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  return new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  }).finally(() => {
    for (const signal of FORWARDED) process.off(signal, forward);
  });
}
