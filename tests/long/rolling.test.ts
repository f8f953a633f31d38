import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Verdict } from "../../scripts/drills/judge.ts";
import { TestLab } from "../support/lab.ts";

const lab = new TestLab("rolling", {
  ports: { offset: 1500 },
  classification: { rate: 5 },
  kafka: { version: "3.9" },
});

beforeAll(async () => {
  await lab.init();
  await lab.up();
});
afterAll(() => lab.remove());

/** Brings the lab up while numbered messages are sent to it with acks=all. @returns what the drill says */
async function upUnderLoad(): Promise<{ verdict: Verdict; told: readonly string[] }> {
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

/** What of the containers of before is another one now. */
function anew(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(after).filter((name) => after[name] !== before[name]);
}

describe("under load", () => {
  it("makes all brokers anew one after the other, and no client, for another version", async () => {
    const before = await lab.containers();
    lab.set("kafka", { version: "4.2" });
    const { verdict } = await upUnderLoad();
    expect(verdict.problems).toEqual([]);
    expect(anew(before, await lab.containers()).sort()).toEqual(["kafka-0", "kafka-1", "kafka-2"]);
    expect(await lab.plan()).toEqual([]);
  });

  it("gives a fourth broker its share, and touches no other container", async () => {
    const before = await lab.containers();
    lab.set("kafka", { brokers: 4 });
    const { verdict, told } = await upUnderLoad();
    expect(verdict.problems).toEqual([]);
    expect(anew(before, await lab.containers())).toEqual(["kafka-3"]);
    expect(told.join(" ")).toMatch(/broker 3 has [1-9]\d* and leads \d+/);
  });

  it("makes all brokers anew one after the other, and no client, for another heap", async () => {
    const before = await lab.containers();
    lab.set("kafka", { brokers: 4, heapMB: 400 });
    const { verdict } = await upUnderLoad();
    expect(verdict.problems).toEqual([]);
    expect(anew(before, await lab.containers()).sort()).toEqual(["kafka-0", "kafka-1", "kafka-2", "kafka-3"]);
  });

  it("drains a broker before it goes", async () => {
    const before = await lab.containers();
    lab.set("kafka", { brokers: 3, heapMB: 400 });
    const { verdict, told } = await upUnderLoad();
    expect(verdict.problems).toEqual([]);
    const after = await lab.containers();
    expect(anew(before, after)).toEqual([]);
    expect(Object.keys(before).filter((name) => !(name in after))).toEqual(["kafka-3"]);
    expect(told.join(" ")).not.toContain("broker 3 has");
  });
});
