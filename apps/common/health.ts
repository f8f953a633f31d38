interface Finding {
  readonly level: "failing" | "warning";
  readonly reason: string;
}

/**
 * Whether an app does its work. It is healthy when every part that it has named is; each part starts unhealthy, so
 * naming the parts up front keeps `/healthz` at 503 until the last of them works.
 */
export class Health {
  readonly #findings = new Map<string, Finding | undefined>();

  /** @param parts names of what must work, such as `kafka` and `postgres` */
  constructor(parts: readonly string[] = []) {
    for (const part of parts) this.fail(part, "starting");
  }

  ok(part: string): void {
    this.#findings.set(part, undefined);
  }

  /**
   * The app does what it can, and lacks what is not the lab's to give, such as a camera that is switched off: it stays
   * healthy, and says so.
   * @param reason what is missing, for people
   */
  warn(part: string, reason: string): void {
    this.#findings.set(part, { level: "warning", reason });
  }

  /** @param reason what is wrong, for people */
  fail(part: string, reason: string): void {
    this.#findings.set(part, { level: "failing", reason });
  }

  /** Says how a part is: what is wrong with it, for people, or undefined when it works. */
  reporter(part: string): (problem: string | undefined) => void {
    return (problem) => (problem === undefined ? this.ok(part) : this.fail(part, problem));
  }

  /** Part → what is wrong with it; empty when the app is healthy. */
  problems(): Record<string, string> {
    return this.#of("failing");
  }

  /** Part → what it lacks, though it works. */
  warnings(): Record<string, string> {
    return this.#of("warning");
  }

  #of(level: Finding["level"]): Record<string, string> {
    return Object.fromEntries(
      [...this.#findings].flatMap(([part, finding]) =>
        finding?.level === level ? [[part, finding.reason] as const] : [],
      ),
    );
  }
}
