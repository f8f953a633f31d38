import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatSeconds } from "../../lib/table.ts";
import type { Verdict } from "../../scripts/drills/judge.ts";
import { drilled } from "../support/drill.ts";
import { TestLab } from "../support/lab.ts";

/** What coordinates Kafka, and the role of its nodes; each lab is what the default one is but for that. */
const modes = [
  { mode: "kraft", role: "controller", config: { controllers: "3" } },
  { mode: "zookeeper", role: "zookeeper", config: { mode: "zookeeper", version: "3.9" } },
] as const;

/** What was seen, by mode and cell: the table of docs/operations.md. */
const seen = new Map<string, Map<string, string>>();

afterAll(() => {
  const cells = [...new Set([...seen.values()].flatMap((own) => [...own.keys()]))];
  const rows = cells.map((cell) => [cell, ...modes.map(({ mode }) => seen.get(mode)?.get(cell) ?? "–")]);
  const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
  const titles = ["", ...modes.map(({ mode }) => `\`${mode}\``)];
  process.stdout.write(`\n${[titles, titles.map(() => "---"), ...rows].map(line).join("\n")}\n`);
});

describe.each(modes)("a lab with $mode", ({ mode, role, config }) => {
  const lab = new TestLab(`matrix-${mode}`, { ports: { offset: 11_500 }, kafka: config });
  const own = new Map<string, string>();
  seen.set(mode, own);
  const note = (cell: string, evidence: string) => {
    own.set(cell, evidence);
    process.stdout.write(`${mode}, ${cell}: ${evidence}\n`);
  };
  let ids: Record<string, string> = {};

  beforeAll(() => lab.init());
  afterAll(() => lab.remove());

  it("comes up", async () => {
    const started = performance.now();
    await lab.up();
    ids = await lab.containers();
    const nodes = Object.keys(ids).filter((name) => name.includes(role));
    expect(nodes).toHaveLength(3);
    const took = formatSeconds((performance.now() - started) / 1000);
    note("up", `${Object.keys(ids).length} containers, ${nodes.length} of them ${role}s, in ${took}`);
  });

  it("has data flow, and nothing red", async () => {
    const { exitCode, rows } = await lab.health();
    expect(rows.filter(({ level }) => level === "red")).toEqual([]);
    expect(exitCode).toBe(0);
    const rate = rows.find(({ what }) => what === "rate of classification-producer-1");
    note("data flow", rate?.seen ?? "");
    expect(rate?.level).toBe("ok");
  });

  it("changes nothing at a second up", async () => {
    expect(await lab.plan()).toEqual([]);
    await lab.up();
    expect(await lab.containers()).toEqual(ids);
    note("second up", "empty plan, the same containers");
  });

  it.each([
    ["one coordinator killed", ["--faults", "crash", "--roles", role]],
    ["all coordinators killed", ["--faults", "coordinators"]],
    ["one broker killed", ["--faults", "crash", "--roles", "broker"]],
    ["whole cluster killed", ["--faults", "everything"]],
  ])("loses nothing with %s", async (cell, faults) => {
    // One fault: the next would begin when this one is over, and by then the time is.
    const verdict = await drilled(lab, [...faults, "--minutes", "0.1", "--limit", "180"]);
    expect(verdict.faults).toHaveLength(1);
    note(cell, recovered(verdict));
  });

  it("leaves nothing behind", async () => {
    await lab.destroy();
    for (const { kind, ids: left } of await lab.leftovers()) expect(left, kind).toEqual([]);
    note("down", "no container, network, volume or image left");
  });
});

/** `182 of 182 acknowledged there; first after 1.2 s, whole after 14 s` */
function recovered({ probes, faults }: Verdict): string {
  const acked = probes.reduce((sum, probe) => sum + probe.acked, 0);
  const lost = probes.flatMap(({ ends }) => ends.flatMap((end) => end.lost));
  expect(lost).toEqual([]);
  expect(acked).toBeGreaterThan(0);
  const [fault] = faults;
  const seconds = (ms: number | undefined) => (ms === undefined ? "–" : formatSeconds(ms / 1000));
  const first = fault?.recoveries.map(({ firstAckMs }) => firstAckMs ?? Number.NaN) ?? [];
  const whole = fault?.wholeMs === undefined ? undefined : fault.wholeMs - fault.fromMs;
  return `${acked} acknowledged, none lost; first one after ${seconds(Math.max(...first))}, whole after ${seconds(whole)}`;
}
