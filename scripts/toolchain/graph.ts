import { asError, SeveralErrors } from "./errors.ts";

/** One piece of work and the names of those which must succeed before it may start. */
export interface Task {
  readonly name: string;
  readonly needs: readonly string[];
  run(): Promise<void>;
}

/**
 * Runs tasks as soon as everything they need is done, at most `limit` at once, in the given order otherwise.
 * A failure stops only what depends on it; all failures are thrown together at the end.
 * @throws SeveralErrors, or Error at once when a need names no task or the needs form a circle.
 */
export async function runGraph(tasks: readonly Task[], limit: number): Promise<void> {
  checkGraph(tasks);
  const done = new Set<string>();
  const lost = new Set<string>();
  const errors: Error[] = [];
  const running = new Map<string, Promise<void>>();
  const waiting = new Map(tasks.map((task) => [task.name, task]));

  const start = (task: Task): void => {
    waiting.delete(task.name);
    const settled = Promise.resolve()
      .then(() => task.run())
      .then(
        () => void done.add(task.name),
        (thrown: unknown) => {
          lost.add(task.name);
          errors.push(asError(thrown));
        },
      )
      .finally(() => running.delete(task.name));
    running.set(task.name, settled);
  };

  for (;;) {
    dropUnreachable(waiting, lost);
    const ready = [...waiting.values()].filter((task) => task.needs.every((need) => done.has(need)));
    for (const task of ready.slice(0, limit - running.size)) start(task);
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  if (errors.length > 0) throw new SeveralErrors(errors);
}

function dropUnreachable(waiting: Map<string, Task>, lost: Set<string>): void {
  for (;;) {
    const stuck = [...waiting.values()].filter((task) => task.needs.some((need) => lost.has(need)));
    if (stuck.length === 0) return;
    for (const task of stuck) {
      waiting.delete(task.name);
      lost.add(task.name);
    }
  }
}

function checkGraph(tasks: readonly Task[]): void {
  const left = new Map(tasks.map((task) => [task.name, task.needs]));
  for (const [name, needs] of left) {
    const unknown = needs.find((need) => !left.has(need));
    if (unknown !== undefined) throw new Error(`task "${name}" needs "${unknown}", which does not exist`);
  }
  while (left.size > 0) {
    const free = [...left].filter(([, needs]) => needs.every((need) => !left.has(need)));
    if (free.length === 0)
      throw new Error(`tasks need each other in a circle: ${[...left.keys()].join(", ")}`);
    for (const [name] of free) left.delete(name);
  }
}
