import type { HostForwards } from "./host-forwards.ts";

/** Holds the way to one host open until the signal aborts. @throws what trying again would not mend */
export type KeepOpen = (host: HostForwards, signal: AbortSignal) => Promise<void>;

interface Kept {
  readonly key: string;
  readonly ending: AbortController;
  readonly done: Promise<void>;
}

/** The ways to the hosts of a lab, held open as the lab changes: what stays the same is not interrupted. */
export class OpenTunnels {
  readonly #keepOpen: KeepOpen;
  readonly #kept = new Map<string, Kept>();
  readonly #failed = Promise.withResolvers<never>();

  constructor(keepOpen: KeepOpen) {
    this.#keepOpen = keepOpen;
    // Whoever holds this may look at it late.
    this.#failed.promise.catch(() => {});
  }

  /** Rejects when a way fails for good; never resolves. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Ends what is no longer wanted, or wanted otherwise, and then opens what is new. */
  async follow(hosts: readonly HostForwards[]): Promise<void> {
    const wanted = new Map(hosts.map((one) => [one.host, one]));
    for (const [host, { key, ending, done }] of this.#kept) {
      if (key === JSON.stringify(wanted.get(host))) continue;
      ending.abort();
      await done;
      this.#kept.delete(host);
    }
    for (const one of hosts) {
      if (this.#kept.has(one.host)) continue;
      const ending = new AbortController();
      const done = this.#keepOpen(one, ending.signal).catch(this.#failed.reject);
      this.#kept.set(one.host, { key: JSON.stringify(one), ending, done });
    }
  }
}
