import { describe, expect, it } from "vitest";
import { markdown, trialOf } from "./report.ts";

const trial = (candidate: "kafkajs" | "platformatic", latencyMs: number) =>
  trialOf(
    candidate,
    "85 KB, 30/s",
    { kind: "produced", messages: 10, seconds: 2, cpuMs: 15 },
    { kind: "consumed", latenciesMs: Array.from({ length: 10 }, () => latencyMs), cpuMs: 5 },
  );

describe("the table of clients", () => {
  it("has medians over the rounds, and their ratios to kafkajs", () => {
    const text = markdown([
      trial("kafkajs", 10),
      trial("kafkajs", 30),
      trial("kafkajs", 20),
      trial("platformatic", 5),
    ]);
    expect(text).toContain(
      "| 85 KB, 30/s | kafkajs | 20 (1.00) | 20 (1.00) | 20 (1.00) | 0.435 (1.00) | 2 (1.00) | 30 of 30 |",
    );
    expect(text).toContain("| 85 KB, 30/s | platformatic | 5 (0.25) |");
  });
});
