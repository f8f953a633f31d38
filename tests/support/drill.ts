import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { Verdict } from "../../scripts/drills/judge.ts";
import type { TestLab } from "./lab.ts";

/**
 * Runs `./scripts/drill` on a lab, and expects that it is passed.
 *
 * @returns what the drill found
 */
export function drilled(lab: TestLab, args: readonly string[]): Promise<Verdict> {
  return run(lab, args, (out, exitCode, said) => {
    expect(exitCode, said).toBe(0);
    return verdictIn(out);
  });
}

/** The same of a drill that must not be passed. */
export function failedDrill(lab: TestLab, args: readonly string[]): Promise<Verdict> {
  return run(lab, args, (out, exitCode, said) => {
    expect(exitCode, said).toBe(1);
    return verdictIn(out);
  });
}

/** Sends malformed messages by `./scripts/drill` through a lab, and expects that they disturb nothing. */
export function disturbed(lab: TestLab, args: readonly string[]): Promise<void> {
  return run(lab, args, (_out, exitCode, said) => expect(exitCode, said).toBe(0));
}

async function run<T>(
  lab: TestLab,
  args: readonly string[],
  look: (out: string, exitCode: number | undefined, said: string) => T,
): Promise<T> {
  const out = mkdtempSync(join(tmpdir(), "edgelab-drill-"));
  try {
    const { exitCode, all } = await lab.drill(out, ...args);
    return look(out, exitCode, all);
  } finally {
    rmSync(out, { recursive: true });
  }
}

function verdictIn(out: string): Verdict {
  return (JSON.parse(readFileSync(join(out, "drill.json"), "utf8")) as { verdict: Verdict }).verdict;
}
