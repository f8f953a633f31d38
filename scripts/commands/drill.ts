import { runMalformed } from "../drills/malformed/run.ts";
import { parseOptions, usage } from "../drills/options.ts";
import { runDrill } from "../drills/run.ts";
import { targetOf } from "../stack/config.ts";
import { createContext } from "../toolchain/context.ts";
import { environment } from "../toolchain/environment.ts";
import { runMain } from "../toolchain/errors.ts";

await runMain(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options === "help") {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const context = createContext();
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (!interrupted.signal.aborted) context.progress.say("ending the fault, then the drill");
      interrupted.abort(new Error(`ended by ${name}`));
    });
  }
  const pulumi = await environment(context, await targetOf(context.root, options.stack));
  const { signal } = interrupted;
  return options.malformed === undefined
    ? runDrill(context, pulumi, options, signal)
    : runMalformed(context, pulumi, { ...options, malformed: options.malformed }, signal);
});
