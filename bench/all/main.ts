/**
 * Runs every bench, each on the lab that it is for, and writes what they print into docs/benchmarks.md, with commands and
 * versions. The lab is brought up with the config keys changed that a bench needs, and back to its stack config in the
 * end. A bench that fails leaves its part of the page as it was.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../apps/common/errors.ts";
import { pause } from "../../apps/common/retry.ts";
import { type KafkaVersion, kafkaVersions } from "../../lib/kafka-versions.ts";
import { LabControl } from "../../scripts/latency/lab-control.ts";
import { hostInfo, versions } from "../../scripts/latency/provenance.ts";
import { DEFAULT_STACK, stackArguments } from "../../scripts/stack/arguments.ts";
import { configValue } from "../../scripts/stack/config.ts";
import { ensureStack } from "../../scripts/stack/stack.ts";
import { createContext } from "../../scripts/toolchain/context.ts";
import { environment } from "../../scripts/toolchain/environment.ts";
import { runMain, ToolchainError } from "../../scripts/toolchain/errors.ts";
import { interruption } from "../../scripts/toolchain/interruption.ts";
import type { Context } from "../../scripts/toolchain/part.ts";
import { type Bench, chosen, pictures, type Stage } from "./benches.ts";
import { withOutcome } from "./page.ts";

const usage = "./bench/run [STACK] [--only classification,idle]";
const page = "docs/benchmarks.md";

await runMain(async () => {
  const options = { only: { type: "string", default: "" } } as const;
  const { stack, values } = stackArguments(process.argv.slice(2), options, usage);
  const plan = stagesFor(values.only.split(",").filter((name) => name !== ""));
  const context = createContext();
  const pulumi = await environment(context);
  await ensureStack(pulumi, context.root, stack);
  const { cpu, cores } = hostInfo();
  const { commit, node, docker, kafka } = await versions(pulumi, context, await kafkaOf(context.root, stack));
  const machine = `${cores} cores (${cpu}), commit ${commit}, Node ${node}, Docker ${docker}, Kafka ${kafka}`;
  await mkdir(join(context.root, pictures), { recursive: true });
  const control = await LabControl.open({ context, pulumi, stack, configFile: undefined });
  const failed = await runAll(plan, { context, control, stack, machine }).finally(() => control.close());
  if (failed.length === 0) return 0;
  throw new ToolchainError(
    `${failed.join(", ")} failed; the page has what they printed the last time`,
    `./bench/run ${stack} --only ${failed.join(",")}`,
  );
});

interface Place {
  readonly context: Context;
  readonly control: LabControl;
  readonly stack: string;
  /** What the page says of the machine and of versions. */
  readonly machine: string;
}

/** @returns names of benches that failed */
async function runAll(
  plan: readonly Stage[],
  { context, control, stack, machine }: Place,
): Promise<readonly string[]> {
  const failed: string[] = [];
  const signal = interruption();
  const own = await context.progress.step("bringing the lab up as its stack config says", () =>
    control.restore(),
  );
  const extra = new Set<string>();
  /** Brings the lab up with these keys; what stages before have put into topics of their own is given up. */
  const bring = async (config: Stage["config"]): Promise<void> => {
    const { outputs } = await control.up({ ...config, discardTopics: JSON.stringify([...extra]) });
    for (const topic of outputs.topics) if (!own.outputs.topics.includes(topic)) extra.add(topic);
  };
  try {
    for (const stage of plan) {
      signal.throwIfAborted();
      await context.progress.step(`bringing the lab up with ${describe(stage)}`, () => bring(stage.config));
      if (stage.restSeconds > 0) {
        await context.progress.step(`leaving it to itself for ${stage.restSeconds} s`, () =>
          pause(stage.restSeconds * 1000, signal),
        );
      }
      for (const bench of stage.benches) {
        const command = commandOf(bench, stack);
        const startedAt = new Date();
        const load = loadavg()[0]?.toFixed(1);
        try {
          const printed = await context.progress.step(command, () => run(context.root, bench, stack, signal));
          const about = `${startedAt.toISOString().slice(0, 10)}, ${machine}, load before it ${load}`;
          const drawn = await drawnSince(context.root, bench, startedAt);
          const file = join(context.root, page);
          const text = await readFile(file, "utf8");
          const outcome = { name: bench.name, command, printed, about, pictures: drawn };
          await writeFile(file, withOutcome(text, outcome));
        } catch (error) {
          signal.throwIfAborted();
          failed.push(bench.name);
          context.progress.say(`${command} failed: ${messageOf(error)}`);
        }
      }
    }
  } finally {
    await context.progress.step("bringing the lab back to its stack config", async () => {
      await bring({});
      await control.restore();
    });
  }
  return failed;
}

function stagesFor(only: readonly string[]): Stage[] {
  try {
    return chosen(only);
  } catch (error) {
    throw new ToolchainError(messageOf(error), usage);
  }
}

function describe({ config }: Stage): string {
  return Object.entries(config)
    .map(([key, value]) => `${key} ${value}`)
    .join(", ");
}

function argsOf({ args, takesStack }: Bench, stack: string): string[] {
  return takesStack && stack !== DEFAULT_STACK ? [stack, ...args] : [...args];
}

function commandOf(bench: Bench, stack: string): string {
  return [`./bench/${bench.name}/run`, ...argsOf(bench, stack)].join(" ");
}

/** @returns what the bench writes to its standard output @throws when it does not end with 0 */
async function run(root: string, bench: Bench, stack: string, ending: AbortSignal): Promise<string> {
  const child = spawn(join(root, "bench", bench.name, "run"), argsOf(bench, stack), {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  // A terminal signals the whole group, others us alone; a bench that has had it already is not harmed by another.
  const end = () => child.kill("SIGTERM");
  ending.addEventListener("abort", end, { once: true });
  const parts: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => parts.push(part));
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  ending.removeEventListener("abort", end);
  const printed = Buffer.concat(parts).toString("utf8");
  process.stdout.write(printed);
  if (code !== 0) throw new Error(`it ended with ${code ?? signal}`);
  return printed;
}

/** The picture that a bench has drawn by now, as the page refers to it. */
async function drawnSince(root: string, { name }: Bench, since: Date): Promise<string[]> {
  const file = join(pictures, `${name}.png`);
  const found = await stat(join(root, file)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return found !== undefined && found.mtime >= since ? [file.slice("docs/".length)] : [];
}

/** The Kafka of a stack's lab, which may not be up yet. */
async function kafkaOf(root: string, stack: string): Promise<KafkaVersion> {
  const configured = await configValue(root, stack, "kafka.version");
  return kafkaVersions.find((version) => version === configured) ?? kafkaVersions[0];
}
