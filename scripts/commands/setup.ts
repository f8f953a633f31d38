import { renderTable } from "../../lib/table.ts";
import { DEFAULT_STACK, stackArguments } from "../stack/arguments.ts";
import { targetOf } from "../stack/config.ts";
import { createContext } from "../toolchain/context.ts";
import { runMain } from "../toolchain/errors.ts";
import { partsFor } from "../toolchain/parts/all.ts";
import { prepare } from "../toolchain/prepare.ts";

const USAGE = `./scripts/setup [${DEFAULT_STACK}]   (gets everything that ./scripts/up needs for the stack)`;

await runMain(async () => {
  const { stack } = stackArguments(process.argv.slice(2), {}, USAGE);
  const context = createContext();
  const parts = partsFor(await targetOf(context.root, stack));
  const findings = await prepare(context, `./scripts/setup ${stack}`, parts);
  const rows = findings.map(({ part, state }) =>
    state.healthy ? [part.name, state.version, state.source] : [part.name, "", state.what],
  );
  process.stdout.write(`${renderTable(["part", "version", "from"], rows)}\n`);
  return 0;
});
