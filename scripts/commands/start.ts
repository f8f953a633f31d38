import { formatSeconds } from "../../lib/table.ts";
import { openAccess } from "../lab/access.ts";
import { docker, labContainers } from "../lab/docker.ts";
import { awaitFlow, awaitHealthy, awaitReplicas } from "../lab/flow.ts";
import { labOutputs } from "../lab/queries.ts";
import { stackArguments } from "../stack/arguments.ts";
import { targetOf } from "../stack/config.ts";
import { containerName } from "../stack/stack.ts";
import { createContext } from "../toolchain/context.ts";
import { environment } from "../toolchain/environment.ts";
import { runMain, ToolchainError } from "../toolchain/errors.ts";

const USAGE = `./scripts/start [stack]
            starts a lab that was stopped or lost its power: what coordinates Kafka, Kafka and stores, topics verified, then apps, each after those
            whose data it reads; ends when data flow`;

await runMain(async () => {
  const started = performance.now();
  const { stack } = stackArguments(process.argv.slice(2), {}, USAGE);
  const context = createContext();
  const { progress } = context;
  const pulumi = await environment(context, await targetOf(context.root, stack));
  const outputs = await labOutputs(pulumi, context.root, stack);
  const access = await openAccess({ env: pulumi.env, project: context.project, stack }, outputs);
  const { engines } = access;
  try {
    const stages = outputs.startOrder.map((names) => names.map((name) => containerName(stack, name)));
    await checkThere(stages.flat());
    for (const [number, names] of stages.entries()) {
      await progress.step(`starting ${outputs.startOrder[number]?.join(", ")}`, async () => {
        await startAll(names);
        await awaitHealthy(engines, stack, names);
      });
      if (number !== outputs.coreStages - 1) continue;
      await progress.step("verifying that every replica of every topic is in sync", () =>
        awaitReplicas(engines, stack, outputs),
      );
    }
    await awaitFlow(engines, stack, outputs, progress);
  } finally {
    await access.close();
  }
  const elapsed = formatSeconds((performance.now() - started) / 1000);
  process.stdout.write(`The lab runs again, after ${elapsed}.\n`);
  return 0;

  /** @throws ToolchainError that names those that cannot be started, as they were removed or never made */
  async function checkThere(names: readonly string[]): Promise<void> {
    const there = new Set((await labContainers(engines)).map(({ name }) => name));
    const missing = names.filter((name) => !there.has(name));
    if (names.length > 0 && missing.length === 0) return;
    const what = names.length === 0 ? `the lab ${stack} is not up` : `not there: ${missing.join(", ")}`;
    throw new ToolchainError(what, `./scripts/up ${stack}`);
  }

  async function startAll(names: readonly string[]): Promise<void> {
    const idle = (await labContainers(engines)).filter(
      ({ name, state }) => names.includes(name) && state !== "running",
    );
    const byEngine = Map.groupBy(idle, ({ engine }) => engine);
    await Promise.all(
      [...byEngine].map(([{ env }, all]) =>
        docker(env, "container", "start", ...all.map(({ name }) => name)),
      ),
    );
  }
});
