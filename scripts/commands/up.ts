import { formatSeconds } from "../../lib/table.ts";
import { openAccess } from "../lab/access.ts";
import { describeFlow, describeOutputs, describeRows, describeWarnings, whatNext } from "../lab/closing.ts";
import { labContainers } from "../lab/docker.ts";
import { awaitFlow } from "../lab/flow.ts";
import { labOutputs, query } from "../lab/queries.ts";
import { allAnswer, CLOUD_RESOURCES } from "../lab/reachable.ts";
import { tellTunnel } from "../lab/tunnel-note.ts";
import { removeUnhealthy, reportFailure } from "../lab/unhealthy.ts";
import { stackArguments } from "../stack/arguments.ts";
import { targetOf } from "../stack/config.ts";
import { withoutSalt } from "../stack/config-files.ts";
import { ensureStack } from "../stack/stack.ts";
import { createContext } from "../toolchain/context.ts";
import { environment } from "../toolchain/environment.ts";
import { runMain } from "../toolchain/errors.ts";
import { partsFor } from "../toolchain/parts/all.ts";
import { prepare } from "../toolchain/prepare.ts";
import { onTerminal } from "../toolchain/run.ts";
import { describeStretches, Stretches } from "../toolchain/stretches.ts";
import { clockRows } from "../watching/clocks.ts";

/** An `up` that takes longer than this says in the end what it waited for, ms. */
const longMs = 60_000;

await runMain(async () => {
  const started = performance.now();
  const stretches = new Stretches();
  const { stack } = stackArguments(process.argv.slice(2), {}, "./scripts/up [stack]");
  const context = createContext();
  const target = await targetOf(context.root, stack);
  await prepare(context, `./scripts/up ${stack}`, partsFor(target), stretches);
  const pulumi = await environment(context, target);
  await ensureStack(pulumi, context.root, stack);

  // Refreshed first, so that what was removed by hand since the last time is put back.
  const answering = await allAnswer(context, pulumi, stack, target);
  if (answering) await removeUnhealthy(context, pulumi, stack);
  const common = ["--yes", "--skip-preview", "--suppress-outputs", "--stack", stack];
  const pulumiRun = (args: readonly string[]) =>
    onTerminal(pulumi.pulumi, [...args, ...common], { cwd: context.root, env: pulumi.env });
  const run = async () => {
    if (answering) return pulumiRun(["up", "--refresh"]);
    // The cloud itself can be asked what has become of a VM.
    const asked = target === "openstack" ? await pulumiRun(["refresh", "--target", CLOUD_RESOURCES]) : 0;
    return asked === 0 ? pulumiRun(["up"]) : asked;
  };
  const update = () => (pulumi.own ? withoutSalt(context.root, false, run) : run());
  const code = await stretches.of("images and containers (pulumi up)", update);
  if (code !== 0) {
    await reportFailure(context, pulumi, stack);
    return code;
  }

  const outputs = await labOutputs(pulumi, context.root, stack);
  await tellTunnel(context.project, stack, outputs.forwards);
  const access = await openAccess({ env: pulumi.env, project: context.project, stack }, outputs);
  try {
    const flow = await stretches.of("until data flow", () =>
      awaitFlow(access.engines, stack, outputs, context.progress),
    );
    process.stdout.write(`\n${describeOutputs(outputs, stack)}\n`);
    if (flow.length > 0) process.stdout.write(`\n${describeFlow(flow)}\n`);
    for (const excerpt of outputs.excerpts) {
      const rows = describeRows((await query(access.engines, excerpt)) ?? []);
      if (rows !== undefined) process.stdout.write(`\n${rows}\n`);
    }
    const clocks = (await clockRows(access.engines)).filter(({ level }) => level !== "ok");
    const warnings = describeWarnings(
      await labContainers(access.engines),
      clocks.map(({ what, seen, cause, fix }) => ({ of: what, text: `${seen}: ${cause} (fix: ${fix})` })),
    );
    if (warnings !== undefined) process.stdout.write(`\n${warnings}\n`);
  } finally {
    await access.close();
  }
  const elapsedMs = performance.now() - started;
  if (elapsedMs > longMs) process.stdout.write(`\n${describeStretches(stretches.all, started)}\n`);
  const elapsed = formatSeconds(elapsedMs / 1000);
  process.stdout.write(`\n${whatNext(outputs, stack)}\n\nThe lab is up, after ${elapsed}.\n`);
  return 0;
});
