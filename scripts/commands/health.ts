import { pause } from "../../apps/common/retry.ts";
import { renderTable } from "../../lib/table.ts";
import { labOutputs } from "../lab/queries.ts";
import { stackArguments } from "../stack/arguments.ts";
import { targetOf } from "../stack/config.ts";
import { createContext } from "../toolchain/context.ts";
import { environment } from "../toolchain/environment.ts";
import { runMain, ToolchainError } from "../toolchain/errors.ts";
import { lookAt } from "../watching/look.ts";
import type { Row } from "../watching/rows.ts";

const USAGE = `./scripts/health [stack] [--json] [--watch]
            looks at everything of the lab; ends with 1 when something is red
--json      one line of JSON: {at, stack, red, rows}
--watch     again and again, until Ctrl-C`;
const FLAG = { type: "boolean", default: false } as const;
const marks = { ok: "ok", warning: "warning", red: "RED" } as const;
const betweenMs = 5000;

await runMain(async () => {
  const { stack, values } = stackArguments(process.argv.slice(2), { json: FLAG, watch: FLAG }, USAGE);
  const context = createContext();
  const pulumi = await environment(context, await targetOf(context.root, stack));
  const outputs = await labOutputs(pulumi, context.root, stack);
  if (outputs.startOrder.length === 0) {
    throw new ToolchainError(`the lab ${stack} is not up`, `./scripts/up ${stack}`);
  }
  const interrupted = new AbortController();
  if (values.watch) process.once("SIGINT", () => interrupted.abort());
  for (;;) {
    const rows = await lookAt(context, pulumi, stack, outputs);
    const red = rows.filter(({ level }) => level === "red").length;
    const at = new Date().toISOString();
    const text = values.json
      ? JSON.stringify({ at, stack, red, rows })
      : describe(rows, red, `${stack}, ${at}`);
    const clear = values.watch && !values.json && process.stdout.isTTY ? "\x1b[2J\x1b[H" : "";
    process.stdout.write(`${clear}${text}\n`);
    if (values.watch) await pause(betweenMs, interrupted.signal).catch(() => undefined);
    if (!values.watch || interrupted.signal.aborted) return red === 0 ? 0 : 1;
  }
});

function describe(rows: readonly Row[], red: number, title: string): string {
  const table = renderTable(
    ["what", "", "seen"],
    rows.map(({ what, level, seen, cause, fix }) => [
      what,
      marks[level],
      [
        seen,
        ...(cause === undefined ? [] : [`likely: ${cause}`]),
        ...(fix === undefined ? [] : [`fix: ${fix}`]),
      ].join("\n"),
    ]),
  );
  return `${title}: ${red === 0 ? "healthy" : `${red} red`}\n\n${table}`;
}
