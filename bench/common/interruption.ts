import { ToolchainError } from "../../scripts/toolchain/errors.ts";

/**
 * Aborts when the bench is told to end (SIGINT, SIGTERM), so that its `finally` puts the lab back as it was; the
 * same signal once more ends it at once.
 *
 * @returns a signal whose reason names the one that came
 */
export function interruption(): AbortSignal {
  const ending = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => ending.abort(new ToolchainError(`ended by ${name}`, "run it again")));
  }
  return ending.signal;
}
