import { describe, expect, it } from "vitest";
import { chosen, stages } from "./benches.ts";
import { withOutcome } from "./page.ts";

const outcome = {
  name: "idle",
  command: "./bench/idle/run --seconds 60",
  about: "two cores",
  pictures: ["benchmarks/idle.png"],
};

describe("withOutcome", () => {
  it("adds what is not there yet, and puts the next run in its place, whatever stands around it", () => {
    const first = withOutcome("# Benchmarks\n", { ...outcome, printed: "took 0.3 cores\n" });
    expect(first).toBe(
      [
        "# Benchmarks",
        "",
        "## Last run of bench/idle",
        "",
        "<!-- measured: idle -->",
        "`./bench/idle/run --seconds 60`: two cores.",
        "",
        "```",
        "took 0.3 cores",
        "```",
        "",
        "![idle](benchmarks/idle.png)",
        "<!-- end of idle -->",
        "",
      ].join("\n"),
    );
    const edited = `${first.replace("## Last run of bench/idle", "## At rest\n\nBy hand.")}\n## Last\n`;
    const second = withOutcome(edited, { ...outcome, printed: "took 0.1 cores" });
    expect(second).toBe(edited.replace("0.3", "0.1"));
  });
});

describe("chosen", () => {
  it("is every bench, or those that are asked for, each on its lab", () => {
    expect(chosen([])).toEqual(stages);
    const some = chosen(["idle", "ingest"]);
    expect(some.map(({ benches }) => benches.map(({ name }) => name))).toEqual([["ingest"], ["idle"]]);
  });

  it("refuses what is no bench", () => {
    expect(() => chosen(["idel"])).toThrow("idel is no bench; there are classification, resnet50, deploy,");
  });
});
