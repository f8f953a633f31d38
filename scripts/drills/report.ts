import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { renderTable } from "../../lib/table.ts";
import { timelineFigure } from "./figure.ts";
import type { EndVerdict, FaultVerdict, ProbeVerdict, Verdict } from "./judge.ts";
import type { DrillOptions } from "./options.ts";
import type { DrillRecord } from "./records.ts";
import { repeatedFaults, spread, timesOf } from "./recoveries.ts";
import { seriesOf } from "./series.ts";

export interface ReportInput {
  readonly folder: string;
  readonly drill: DrillRecord;
  readonly verdict: Verdict;
  readonly options: DrillOptions;
  /** Why messages were given up by their sender, each reason once. */
  readonly failures: readonly string[];
  /** More sentences. */
  readonly told: readonly string[];
  /** Folder for the fonts of the picture. */
  readonly fonts: string;
}

/** Writes `drill.md`, `drill.json`, `drill.svg` and `drill.png`. @returns what the terminal is told */
export async function writeReport(input: ReportInput): Promise<string> {
  const { folder, drill, verdict, options, fonts } = input;
  await mkdir(folder, { recursive: true });
  const series = seriesOf(drill);
  const figure = await timelineFigure(
    {
      series,
      faults: drill.faults,
      fromMs: drill.fromMs,
      title: `Drill of ${options.stack}, seed ${options.seed}`,
      subtitle: `${options.rate} messages a second to each topic, acks=${options.acks}. Thick: arrived at the slowest end; thin: acknowledged.`,
      note: drill.faults.map(({ name }, i) => `${i + 1} ${name}`).join("; "),
    },
    fonts,
  );
  const text = reportText(input);
  const json = {
    format: "edgelab-drill-1",
    options,
    run: drill.run,
    fromMs: drill.fromMs,
    toMs: drill.toMs,
    verdict,
    told: input.told,
    series,
  };
  await writeFile(join(folder, "drill.svg"), figure.svg);
  await writeFile(join(folder, "drill.png"), figure.png);
  await writeFile(join(folder, "drill.json"), `${JSON.stringify(json, null, 1)}\n`);
  await writeFile(
    join(folder, "drill.md"),
    `# Drill ${drill.run}\n\n![time line](drill.png)\n\n\`\`\`\n${text}\n\`\`\`\n`,
  );
  return `${text}\n\n  ${join(folder, "drill.md")}`;
}

/** What happened, in tables and a sentence. */
export function reportText({
  drill,
  verdict,
  options,
  failures,
  told,
}: Omit<ReportInput, "folder" | "fonts">): string {
  const { problems } = verdict;
  const minutes = ((drill.toMs - drill.fromMs) / 60_000).toFixed(1);
  return [
    `Stack ${options.stack}, seed ${options.seed}, ${minutes} min, ${drill.faults.length} faults, acks=${options.acks}. Times from the beginning of each fault, of the slowest key.`,
    renderTable(
      ["", "fault", "lasted", "first ack", "first result", "whole again"],
      verdict.faults.map((fault, i) => faultRow(fault, i + 1)),
    ),
    ...repeatedTable(verdict.faults),
    renderTable(
      [
        "topic",
        "sent",
        "acknowledged",
        "dead letters",
        "place",
        "arrived",
        "lost",
        "repeated",
        "out of order",
      ],
      verdict.probes.flatMap(probeRows),
    ),
    ...(failures.length === 0 ? [] : [`Given up by the sender: ${failures.join("; ")}`]),
    ...(told.length === 0 ? [] : [told.join("\n")]),
    problems.length === 0
      ? "Passed: nothing acknowledged was lost, stored twice or out of order, and nothing stood still."
      : `FAILED:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
  ].join("\n\n");
}

function faultRow(fault: FaultVerdict, number: number): string[] {
  const { name, fromMs, toMs } = fault;
  const { firstAckMs, firstResultMs, wholeMs } = timesOf(fault);
  return [
    String(number),
    name,
    toMs === fromMs ? "–" : seconds(toMs - fromMs),
    seconds(firstAckMs),
    seconds(firstResultMs),
    seconds(wholeMs),
  ];
}

/** The middle and the range of what came more than once. */
function repeatedTable(faults: readonly FaultVerdict[]): string[] {
  const rows = repeatedFaults(faults).map(({ name, times }) => [
    name,
    String(times.length),
    spread(times.map(({ firstAckMs }) => firstAckMs)),
    spread(times.map(({ firstResultMs }) => firstResultMs)),
    spread(times.map(({ wholeMs }) => wholeMs)),
  ]);
  return rows.length === 0
    ? []
    : [renderTable(["fault", "times", "first ack", "first result", "whole again"], rows)];
}

const seconds = (ms: number | undefined): string =>
  ms === undefined ? "never" : `${(ms / 1000).toFixed(1)} s`;

function probeRows({ topic, sent, acked, dead, ends }: ProbeVerdict): string[][] {
  const end = ({ name, arrived, lost, repeated, disordered }: EndVerdict) =>
    [name, arrived, lost.length, repeated, disordered.length].map(String);
  return ends.map((one, i) =>
    i === 0 ? [topic, String(sent), String(acked), String(dead), ...end(one)] : ["", "", "", "", ...end(one)],
  );
}
