/**
 * Runs a bench so that it tidies up when it is interrupted: the first SIGINT, SIGTERM or SIGHUP aborts the signal, on
 * which `work` has to end, and so its `finally` blocks run.
 * @returns exit code 0, or 130 when it was interrupted
 */
export async function interruptible(work: (signal: AbortSignal) => Promise<void>): Promise<number> {
  const abort = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (!abort.signal.aborted) process.stderr.write(`${name}: the topics of the bench are being deleted\n`);
    abort.abort(new Error(`ended by ${name}`));
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, onSignal);
  try {
    await work(abort.signal);
    return 0;
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    return 130;
  } finally {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(name, onSignal);
  }
}
