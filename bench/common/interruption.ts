import { ToolchainError } from "../../scripts/toolchain/errors.ts";

/**
 * Aborts when the bench is told to end (SIGINT, SIGTERM), so that its `finally` puts the lab back as it was. That cannot be
 * cut short by another signal.
 *
 * @returns a signal whose reason names the one that came
 */
export function interruption(): AbortSignal {
  const ending = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    // Not once(): execa ends us, and the Pulumi that we run, at a signal that nobody but it listens to any more.
    process.on(name, () => ending.abort(new ToolchainError(`ended by ${name}`, "run it again")));
  }
  return ending.signal;
}
