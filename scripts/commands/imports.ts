import { readImports } from "../architecture/imports.ts";
import { picture } from "../architecture/picture.ts";
import { readArguments } from "../toolchain/command-line.ts";
import { createContext } from "../toolchain/context.ts";
import { runMain } from "../toolchain/errors.ts";

const USAGE = "./scripts/imports [folder]   (infra, scripts, apps; the top folders without it)";

await runMain(async () => {
  const { positionals } = readArguments(process.argv.slice(2), {}, { usage: USAGE, most: 1 });
  const imports = await readImports(createContext().root);
  process.stdout.write(`${picture(imports, positionals[0])}\n`);
  return 0;
});
