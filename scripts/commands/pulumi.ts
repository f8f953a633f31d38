import {
  DEFAULT_STACK,
  namedStack,
  needsPlugins,
  onlyMakesStack,
  wantsDefaultStack,
} from "../stack/arguments.ts";
import { hasOwnConfig, targetNamed, targetOf } from "../stack/config.ts";
import { withoutSalt } from "../stack/config-files.ts";
import { ensureStack, selectedStack } from "../stack/stack.ts";
import { createContext } from "../toolchain/context.ts";
import { environment } from "../toolchain/environment.ts";
import { runMain, ToolchainError } from "../toolchain/errors.ts";
import { findOpenstackPlugin } from "../toolchain/parts/openstack.ts";
import { onTerminal } from "../toolchain/run.ts";

await runMain(async () => {
  const context = createContext();
  const { root, env } = context;
  const args = process.argv.slice(2);
  const unnamed = wantsDefaultStack(args) && env.PULUMI_STACK === undefined;
  let target = unnamed ? "local" : await targetNamed(root, args, env);
  let pulumi = await environment(context, target);
  let stack = namedStack(args) ?? env.PULUMI_STACK;
  if (unnamed) {
    const selected = await selectedStack(pulumi, root);
    if (selected === undefined) await ensureStack(pulumi, root, DEFAULT_STACK);
    stack = selected?.split("/").at(-1) ?? DEFAULT_STACK;
    target = hasOwnConfig(root, stack, args) ? await targetOf(root, stack) : undefined;
    if (target !== "local") pulumi = await environment(context, target);
  }
  if (target === "openstack" && needsPlugins(args) && !(await findOpenstackPlugin(context))) {
    throw new ToolchainError(
      `the stack ${stack} runs on OpenStack, whose plugin is not there yet`,
      `./scripts/setup ${stack}`,
    );
  }
  const run = () => onTerminal(pulumi.pulumi, args, { cwd: root, env: pulumi.env });
  // Of a backend that is the user's own, the salt belongs where Pulumi puts it.
  return pulumi.own ? withoutSalt(root, onlyMakesStack(args), run) : run();
});
