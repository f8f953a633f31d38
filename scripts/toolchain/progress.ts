import { formatSeconds } from "../../lib/table.ts";

const SHOW_AFTER_MS = 2_000;
const REPEAT_MS = 15_000;
const REDRAW_MS = 500;

/** Where progress goes; `isTTY` decides between one updating line and plain lines. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

interface Step {
  readonly name: string;
  readonly startedMs: number;
  saidMs: number;
  /** What is to be seen of it now, behind its name. */
  readonly detail: () => string;
}

/**
 * Says what is being done and for how long, for every step over two seconds. On a terminal: one updating line
 * for all running steps, and a line for each that ends. Elsewhere: a line at the start, every 15 s and at the end.
 */
export class Progress {
  readonly #output: ProgressOutput;
  readonly #steps = new Set<Step>();
  #timer: NodeJS.Timeout | undefined;
  #drawn = false;

  constructor(output: ProgressOutput = process.stderr) {
    this.#output = output;
  }

  /** A line of its own, kept apart from the updating one. */
  say(line: string): void {
    this.#clear();
    this.#output.write(`${line}\n`);
  }

  /** Runs `work`, showing `name`, the time and what `detail` says at the moment, while it lasts. */
  async step<T>(name: string, work: () => Promise<T>, detail: () => string = () => ""): Promise<T> {
    const step: Step = { name, startedMs: performance.now(), saidMs: 0, detail };
    this.#begin(step);
    try {
      const result = await work();
      this.#end(step, "done");
      return result;
    } catch (error) {
      this.#end(step, "failed");
      throw error;
    }
  }

  #begin(step: Step): void {
    this.#steps.add(step);
    this.#timer ??= setInterval(() => this.#tick(), REDRAW_MS);
  }

  #end(step: Step, outcome: string): void {
    this.#steps.delete(step);
    const elapsedMs = performance.now() - step.startedMs;
    if (elapsedMs >= SHOW_AFTER_MS || outcome === "failed") {
      this.say(`  ${step.name} … ${outcome} in ${formatSeconds(elapsedMs / 1000)}`);
    }
    if (this.#steps.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#clear();
  }

  #tick(): void {
    const now = performance.now();
    const shown = [...this.#steps].filter((step) => now - step.startedMs >= SHOW_AFTER_MS);
    if (this.#output.isTTY === true) this.#redraw(shown, now);
    else for (const step of shown) this.#sayIfDue(step, now);
  }

  #sayIfDue(step: Step, now: number): void {
    const first = step.saidMs === 0;
    if (!first && now - step.saidMs < REPEAT_MS) return;
    step.saidMs = now;
    const elapsed = first ? "" : ` ${formatSeconds((now - step.startedMs) / 1000)}`;
    this.#output.write(`  ${step.name} …${elapsed}${detailOf(step)}\n`);
  }

  #redraw(steps: readonly Step[], now: number): void {
    this.#clear();
    if (steps.length === 0) return;
    const parts = steps.map(
      (step) => `${step.name} ${formatSeconds((now - step.startedMs) / 1000)}${detailOf(step)}`,
    );
    this.#output.write(`  ${parts.join(" · ")}`.slice(0, (this.#output.columns || 80) - 1));
    this.#drawn = true;
  }

  #clear(): void {
    if (this.#drawn) this.#output.write("\r\x1b[2K");
    this.#drawn = false;
  }
}

function detailOf(step: Step): string {
  const detail = step.detail();
  return detail === "" ? "" : `: ${detail}`;
}
