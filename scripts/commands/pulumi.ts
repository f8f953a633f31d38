import { DEFAULT_STACK, onlyMakesStack, wantsDefaultStack } from "../stack/arguments.ts";
import { targetNamed } from "../stack/config.ts";
import { withoutSalt } from "../stack/config-files.ts";
import { ensureStack, selectedStack } from "../stack/stack.ts";
import { createContext } from "../toolchain/context.ts";
import { environment } from "../toolchain/environment.ts";
import { runMain } from "../toolchain/errors.ts";
import { onTerminal } from "../toolchain/run.ts";

await runMain(async () => {
  const context = createContext();
  const { root } = context;
  const args = process.argv.slice(2);
  const pulumi = await environment(context, await targetNamed(root, args, process.env));
  const run = () => onTerminal(pulumi.pulumi, args, { cwd: root, env: pulumi.env });

  const needsStack = wantsDefaultStack(args) && !pulumi.env.PULUMI_STACK;
  if (needsStack && (await selectedStack(pulumi, root)) === undefined)
    await ensureStack(pulumi, root, DEFAULT_STACK);
  // Of a backend that is the user's own, the salt belongs where Pulumi puts it.
  return pulumi.own ? withoutSalt(root, onlyMakesStack(args), run) : run();
});
