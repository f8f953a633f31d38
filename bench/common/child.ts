import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A program under test, in a process of its own. */
export class Child {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #tail: string[] = [];

  constructor(name: string, command: readonly [string, ...string[]], env: Readonly<Record<string, string>>) {
    this.name = name;
    const [file, ...args] = command;
    this.#process = spawn(file, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#tail.push(...chunk.toString().split("\n"));
        this.#tail.splice(0, this.#tail.length - 20);
      });
    }
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** @throws with its last lines when it has ended */
  check(): void {
    if (this.#process.exitCode === null && this.#process.signalCode === null) return;
    throw new Error(
      `${this.name} ended (${this.#process.exitCode ?? this.#process.signalCode}):\n${this.#tail.join("\n")}`,
    );
  }

  /** Ends it in order, and by force after five seconds. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), 5000);
    await ended;
    clearTimeout(timer);
  }
}
