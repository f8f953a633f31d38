import { withoutSalt } from "./config-files.ts";
import { createContext } from "./context.ts";
import { environment } from "./environment.ts";
import { runMain } from "./errors.ts";
import { interactive } from "./interactive.ts";
import { ensureStack, selectedStack } from "./stack.ts";
import { DEFAULT_STACK, onlyMakesStack, wantsDefaultStack } from "./stack-arguments.ts";

await runMain(async () => {
  const context = createContext();
  const { root } = context;
  const args = process.argv.slice(2);
  const pulumi = await environment(context);
  const run = () => interactive(pulumi.pulumi, args, { cwd: root, env: pulumi.env });

  const needsStack = wantsDefaultStack(args) && !pulumi.env.PULUMI_STACK;
  if (needsStack && (await selectedStack(pulumi, root)) === undefined)
    await ensureStack(pulumi, root, DEFAULT_STACK);
  // Of a backend that is the user's own, the salt belongs where Pulumi puts it.
  return pulumi.own ? withoutSalt(root, onlyMakesStack(args), run) : run();
});
