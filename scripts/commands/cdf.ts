import { join } from "node:path";
import { compareRuns } from "../latency/compare-runs.ts";
import { parseOptions, usage } from "../latency/options.ts";
import { runMeasurement } from "../latency/run.ts";
import { targetOf } from "../stack/config.ts";
import { ensureStack, stackExists } from "../stack/stack.ts";
import { createContext } from "../toolchain/context.ts";
import { environment } from "../toolchain/environment.ts";
import { runMain, ToolchainError } from "../toolchain/errors.ts";
import { interruption } from "../toolchain/interruption.ts";
import { prepare } from "../toolchain/prepare.ts";
import { exists } from "../toolchain/store.ts";

await runMain(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options.command === "help") {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const context = createContext();
  if (options.command === "compare") return compareRuns(context, options);

  const signal = interruption((again) => {
    if (again) {
      context.progress.say("the lab is being brought back to its stack config; this takes some seconds");
    }
  });
  await prepare(context, `./scripts/cdf --stack ${options.stack}`);
  // A config file of another name may be of another target.
  const target = options.configFile === undefined ? await targetOf(context.root, options.stack) : undefined;
  const pulumi = await environment(context, target);
  const config = options.configFile ?? join(context.root, `Pulumi.${options.stack}.yaml`);
  // A name that was mistyped should not become a lab.
  if (!(await exists(config)) && !(await stackExists(pulumi, context.root, options.stack))) {
    throw new ToolchainError(
      `there is neither a stack ${options.stack} nor a config file ${config}`,
      `./scripts/up ${options.stack}   # makes the stack`,
    );
  }
  await ensureStack(pulumi, context.root, options.stack);
  return runMeasurement(context, pulumi, options, signal);
});
