/**
 * Whether an app does its work. It is healthy when every part that it has named is; each part starts unhealthy, so
 * naming the parts up front keeps `/healthz` at 503 until the last of them works.
 */
export class Health {
  readonly #reasons = new Map<string, string | undefined>();

  /** @param parts names of what must work, such as `kafka` and `postgres` */
  constructor(parts: readonly string[] = []) {
    for (const part of parts) this.#reasons.set(part, "starting");
  }

  ok(part: string): void {
    this.#reasons.set(part, undefined);
  }

  /** @param reason what is wrong, for people */
  fail(part: string, reason: string): void {
    this.#reasons.set(part, reason);
  }

  /** Part → what is wrong with it; empty when the app is healthy. */
  problems(): Record<string, string> {
    const failing = [...this.#reasons].flatMap(([part, reason]): [string, string][] =>
      reason === undefined ? [] : [[part, reason]],
    );
    return Object.fromEntries(failing);
  }
}
