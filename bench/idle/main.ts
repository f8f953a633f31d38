/**
 * What a lab takes that has nothing to do, container by container, beside the goal. Docker's own share (its daemons on
 * this machine, with what they start for health checks) is counted for labs on this machine.
 */
import { z } from "zod";
import { messageOf } from "../../apps/common/errors.ts";
import { pause } from "../../apps/common/retry.ts";
import { openAccess } from "../../scripts/lab/access.ts";
import { type LabOutputs, labOutputs } from "../../scripts/lab/queries.ts";
import { readUsage, useBetween } from "../../scripts/latency/usage.ts";
import { stackArguments } from "../../scripts/stack/arguments.ts";
import { createContext } from "../../scripts/toolchain/context.ts";
import { environment } from "../../scripts/toolchain/environment.ts";
import { runMain, ToolchainError } from "../../scripts/toolchain/errors.ts";
import { engineCpuMs } from "../common/cpu.ts";
import { report } from "./report.ts";

const usage = "./bench/idle/run [STACK] [--seconds 60]";
/** Images a second of one producer up to which a lab counts as idle. */
const idleRate = 0.1;

const answer = z.object({ settings: z.object({ perSecond: z.number() }).nullable() });

await runMain(async () => {
  const { stack, values } = stackArguments(
    process.argv.slice(2),
    { seconds: { type: "string", default: "60" } },
    usage,
  );
  const seconds = Number(values.seconds);
  if (!(seconds >= 10 && seconds <= 3600)) {
    throw new ToolchainError(`--seconds ${values.seconds} is not a number from 10 to 3600`, usage);
  }
  const context = createContext();
  const pulumi = await environment(context);
  const outputs = await labOutputs(pulumi, context.root, stack);
  const access = await openAccess({ env: pulumi.env, project: context.project, stack }, outputs);
  try {
    await checkIdle(outputs, stack);
    const before = await readUsage(access.engines);
    const engineBefore = engineCpuMs();
    const startMs = performance.now();
    await context.progress.step(`measuring for ${seconds} s`, () => pause(seconds * 1000));
    const after = await readUsage(access.engines);
    const engineUsed = (engineCpuMs() - engineBefore) / (performance.now() - startMs);
    const here = outputs.forwards.length === 0;
    process.stdout.write(`\n${report(useBetween(before, after), here ? engineUsed : 0, seconds)}\n`);
    return 0;
  } finally {
    await access.close();
  }
});

/** @throws ToolchainError when producers send images, with what makes the lab idle */
async function checkIdle({ producerUrls }: LabOutputs, stack: string): Promise<void> {
  for (const url of producerUrls) {
    const response = await fetch(`${url}/latencies?since=999999999`).catch((error: unknown) => {
      throw new ToolchainError(`${url} does not answer: ${messageOf(error)}`, `./scripts/up ${stack}`);
    });
    const { settings } = answer.parse(await response.json());
    if (settings === null || settings.perSecond <= idleRate) continue;
    throw new ToolchainError(
      `the lab is not idle: ${url} sends ${settings.perSecond} images a second`,
      `./scripts/pulumi config set --path classification.rate 0.1 --stack ${stack} && ./scripts/up ${stack}`,
    );
  }
}
