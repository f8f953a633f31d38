import { ToolchainError } from "./errors.ts";

/**
 * Aborts when this command is told to end (SIGINT, SIGTERM, SIGHUP), so that its `finally` puts the lab back as it was. That
 * cannot be cut short by another signal.
 *
 * @param told is called at each signal, with whether one has come before
 * @returns a signal whose reason names the first that came
 */
export function interruption(told: (again: boolean) => void = () => {}): AbortSignal {
  const ending = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    // Not once(): execa ends us, and the Pulumi that we run, at a signal that nobody but it listens to any more.
    process.on(name, () => {
      told(ending.signal.aborted);
      ending.abort(new ToolchainError(`ended by ${name}`, "run it again"));
    });
  }
  return ending.signal;
}
