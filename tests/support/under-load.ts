import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { Verdict } from "../../scripts/drills/judge.ts";
import type { TestLab } from "./lab.ts";

/** Brings a lab up while numbered messages are sent to it with acks=all. @returns what the drill says */
export async function upUnderLoad(lab: TestLab): Promise<{ verdict: Verdict; told: readonly string[] }> {
  const out = mkdtempSync(join(tmpdir(), "edgelab-rolling-"));
  try {
    const { exitCode, all } = await lab.drill(out, "--limit", "180", "--during", lab.upCommand());
    expect(exitCode, all).toBe(0);
    const report = JSON.parse(readFileSync(join(out, "drill.json"), "utf8")) as {
      verdict: Verdict;
      told: string[];
    };
    process.stdout.write(`${report.told.join("\n")}\n`);
    return report;
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** What of the containers of before is another one now, or is new. */
export function anew(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(after).filter((name) => after[name] !== before[name]);
}

/** What of the containers of before is there no more. */
export function gone(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(before).filter((name) => !(name in after));
}
