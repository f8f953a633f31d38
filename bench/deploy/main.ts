/**
 * How long the lab takes to follow its config: an update that changes nothing, and three producers more, beside the same
 * three containers started by Docker alone, with the same image, environment, limits and health check, side by side. The
 * lab is brought back to its stack config in the end.
 */
import { waitFor } from "../../apps/common/retry.ts";
import { docker } from "../../scripts/lab/docker.ts";
import { LabControl } from "../../scripts/latency/lab-control.ts";
import { stackArguments } from "../../scripts/stack/arguments.ts";
import { ensureStack } from "../../scripts/stack/stack.ts";
import { numberOption } from "../../scripts/toolchain/command-line.ts";
import { createContext } from "../../scripts/toolchain/context.ts";
import { environment } from "../../scripts/toolchain/environment.ts";
import { runMain, ToolchainError } from "../../scripts/toolchain/errors.ts";
import { interruption } from "../../scripts/toolchain/interruption.ts";
import type { Env } from "../../scripts/toolchain/run.ts";
import { type Likeness, labHealthCheck, likenesses, remove, start } from "../common/containers.ts";
import { report } from "./report.ts";

const usage = "./bench/deploy/run [STACK] [--rounds 3]";
/** Producers before and after. */
const few = 1;
const many = 4;
const healthyMs = 120_000;

await runMain(async () => {
  const options = { rounds: { type: "string", default: "3" } } as const;
  const { stack, values } = stackArguments(process.argv.slice(2), options, usage);
  const rounds = numberOption("rounds", values.rounds, { min: 1, max: 20 }, usage);
  const context = createContext();
  const pulumi = await environment(context);
  await ensureStack(pulumi, context.root, stack);
  const { env, progress } = context;
  const signal = interruption();
  const control = await LabControl.open({ context, pulumi, stack, configFile: undefined });
  const up = async (producers: number, name: string): Promise<number> => {
    signal.throwIfAborted();
    const { seconds } = await progress.step(name, () => control.up({ producers: String(producers) }));
    return seconds;
  };
  const seconds: Record<"nothing" | "lab" | "docker", number[]> = { nothing: [], lab: [], docker: [] };
  try {
    await up(few, `bringing the lab up with ${few} producer`);
    const like = await producerOf(env, stack);
    for (let round = 1; round <= rounds; round += 1) {
      const of = `round ${round} of ${rounds}`;
      seconds.nothing.push(await up(few, `${of}: an update that changes nothing`));
      seconds.lab.push(await up(many, `${of}: ${few} → ${many} producers`));
      await up(few, `${of}: ${many} → ${few} producers`);
      seconds.docker.push(await progress.step(`${of}: docker run`, () => byDocker(env, stack, like, signal)));
    }
    process.stdout.write(`\n${report(seconds)}\n`);
    return 0;
  } finally {
    await progress.step("bringing the lab back to its stack config", () => control.restore());
    await control.close();
  }
});

/** @throws ToolchainError when the lab has none */
async function producerOf(env: Env, stack: string): Promise<Likeness> {
  const lab = await likenesses(env, stack);
  const found = lab.find(({ pipeline, role }) => pipeline === "classification" && role === "producer");
  if (found !== undefined) return found;
  throw new ToolchainError(
    "the lab has no producer of images to take after",
    `./scripts/pulumi config set classification.enabled true --stack ${stack} && ./scripts/up ${stack}`,
  );
}

/** @returns seconds until as many producers as the lab got are healthy */
async function byDocker(env: Env, stack: string, like: Likeness, signal: AbortSignal): Promise<number> {
  const names = Array.from({ length: many - few }, (_, i) => `edgelab-bench-deploy-${i + 1}`);
  const startedMs = performance.now();
  try {
    await Promise.all(
      names.map((name, i) =>
        start(env, stack, {
          name,
          role: like.role,
          image: like.image,
          like,
          env: { ...like.env, PRODUCER_NAME: `bench-deploy-${i + 1}`, RESULTS_PARTITION: String(few + i) },
          args: labHealthCheck,
        }),
      ),
    );
    const healthy = async () => {
      const states = await docker(env, "inspect", "--format={{.State.Health.Status}}", ...names);
      return states.every((state) => state === "healthy") ? true : undefined;
    };
    await waitFor("three healthy producers", healthy, { timeoutMs: healthyMs, everyMs: 100, signal });
    return (performance.now() - startedMs) / 1000;
  } finally {
    await remove(env, names);
  }
}
