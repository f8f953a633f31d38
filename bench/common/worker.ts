import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/**
 * A process of a bench that exchanges messages with its parent. It has a process group of its own, so that Ctrl-C ends
 * the bench in order instead of all of its parts at once.
 */
export class Worker<In extends { kind: string }, Out extends { kind: string }> {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #arrived: Out[] = [];
  #wake: () => void = () => {};
  #exit: string | undefined;
  #log = "";

  /** @param options are given to the process as JSON, its first argument */
  constructor(name: string, module: string, options: object) {
    this.#name = name;
    this.#child = fork(module, [JSON.stringify(options)], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      serialization: "advanced",
      detached: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#log = `${this.#log}${chunk}`.slice(-4000);
      });
    }
    this.#child.on("message", (message) => {
      this.#arrived.push(message as Out);
      this.#wake();
    });
    this.#child.on("error", (error) => this.#ended(error.message));
    this.#child.on("close", (code, signal) => this.#ended(`exit ${signal ?? code}`));
  }

  tell(message: In): void {
    this.#child.send(message, (error) => {
      if (error !== null) this.#ended(error.message);
    });
  }

  /**
   * Waits for a message of this kind; others before it are passed over.
   * @throws when the process ends or `timeoutMs` pass first, with what it printed; the signal's reason when aborted
   */
  async expect<K extends Out["kind"]>(
    kind: K,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Extract<Out, { kind: K }>> {
    const late = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const wake = () => this.#wake();
    late.addEventListener("abort", wake);
    try {
      for (;;) {
        const message = this.#arrived.shift();
        if (message?.kind === kind) return message as Extract<Out, { kind: K }>;
        if (message !== undefined) continue;
        signal.throwIfAborted();
        if (this.#exit !== undefined) throw this.#error(this.#exit);
        if (late.aborted) throw this.#error(`no "${kind}" within ${Math.round(timeoutMs / 1000)} s`);
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      late.removeEventListener("abort", wake);
    }
  }

  /** Ends the process, by force when it does not end in time. */
  async stop(graceMs = 10_000): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, "close");
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), graceMs);
    await closed;
    clearTimeout(timer);
  }

  #error(what: string): Error {
    return new Error(`${this.#name}: ${what}${this.#log === "" ? "" : `\n${this.#log.trimEnd()}`}`);
  }

  #ended(how: string): void {
    this.#exit ??= how;
    this.#wake();
  }
}

/** For the process itself: its options, as its parent gave them. */
export function workerOptions<T>(): T {
  const [text] = process.argv.slice(2);
  if (text === undefined || process.send === undefined)
    throw new Error("this process is started by a bench only");
  return JSON.parse(text) as T;
}

/** For the process itself: sends a message to its parent; resolves when it is on its way. */
export function report(message: { kind: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });
}
