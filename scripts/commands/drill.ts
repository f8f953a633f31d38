import { runMalformed } from "../drills/malformed/run.ts";
import { parseOptions, usage } from "../drills/options.ts";
import { runDrill } from "../drills/run.ts";
import { targetOf } from "../stack/config.ts";
import { createContext } from "../toolchain/context.ts";
import { environment } from "../toolchain/environment.ts";
import { runMain } from "../toolchain/errors.ts";
import { interruption } from "../toolchain/interruption.ts";

await runMain(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options === "help") {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const context = createContext();
  const signal = interruption((again) => {
    if (!again) context.progress.say("ending the fault, then the drill");
  });
  const pulumi = await environment(context, await targetOf(context.root, options.stack));
  return options.malformed === undefined
    ? runDrill(context, pulumi, options, signal)
    : runMalformed(context, pulumi, { ...options, malformed: options.malformed }, signal);
});
