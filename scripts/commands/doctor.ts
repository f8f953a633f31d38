import { renderTable } from "../../lib/table.ts";
import { readArguments } from "../toolchain/command-line.ts";
import { createContext } from "../toolchain/context.ts";
import { asError, runMain } from "../toolchain/errors.ts";
import type { Context, Part } from "../toolchain/part.ts";
import { PARTS } from "../toolchain/parts/all.ts";
import { findGo } from "../toolchain/parts/go.ts";
import { type Finding, findAll } from "../toolchain/prepare.ts";

await runMain(async () => {
  readArguments(process.argv.slice(2), {}, { usage: "./scripts/doctor   (takes no arguments)" });
  const context = createContext();
  const [go, ...findings] = await Promise.all([
    goRow(context),
    ...PARTS.map((part) => examine(context, part)),
  ]);
  const rows = findings.map(row);
  const table = renderTable(["part", "version", "from", "state"], [...rows, go]);
  process.stdout.write(`${table}\n`);
  const sick = findings.filter(({ state }) => !state.healthy);
  if (sick.length === 0) return 0;
  const fixes = [...new Set(sick.map(({ state }) => (state.healthy ? "" : state.fix)))];
  process.stdout.write(
    `\n${sick.length} of ${findings.length} parts need something. Run:\n${fixes.join("\n")}\n`,
  );
  return 1;
});

/** A part that cannot even be looked at is one more line of the table, not the end of it. */
async function examine(context: Context, part: Part): Promise<Finding> {
  try {
    const [finding] = await findAll(context, [part]);
    if (finding === undefined) throw new Error("nothing was found out");
    return finding;
  } catch (error) {
    return { part, state: { healthy: false, what: asError(error).message, fix: "./scripts/setup" } };
  }
}

function row({ part, state }: Finding): string[] {
  if (state.healthy) return [part.name, state.version, state.source, "healthy"];
  return [part.name, "–", "–", `${state.what} → ${state.fix.split("\n")[0]}`];
}

/** Go only serves to build the Pulumi CLI, so its absence is no fault. */
async function goRow(context: Context): Promise<string[]> {
  const go = await findGo(context);
  if (go === undefined) return ["go", "–", "–", "not needed, unless the Pulumi CLI must be built"];
  return ["go", go.version.replace(/^go/, ""), go.source, "healthy (only needed to build the Pulumi CLI)"];
}
