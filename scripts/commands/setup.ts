import { renderTable } from "../../lib/table.ts";
import { readArguments } from "../toolchain/command-line.ts";
import { createContext } from "../toolchain/context.ts";
import { runMain } from "../toolchain/errors.ts";
import { prepare } from "../toolchain/prepare.ts";

const USAGE = "./scripts/setup   (gets everything that ./scripts/up needs; takes no arguments)";

await runMain(async () => {
  readArguments(process.argv.slice(2), {}, { usage: USAGE });
  const findings = await prepare(createContext(), "./scripts/setup");
  const rows = findings.map(({ part, state }) =>
    state.healthy ? [part.name, state.version, state.source] : [part.name, "", state.what],
  );
  process.stdout.write(`${renderTable(["part", "version", "from"], rows)}\n`);
  return 0;
});
