/**
 * The sensors pipeline beside the same in Python: same brokers, database and number of devices, containers of the same
 * limits, in turns, so that whatever else the machine does falls on both. A lab on this machine with the pipeline on is
 * needed; meanwhile its own apps of the pipeline are stopped.
 */
import { loadavg } from "node:os";
import { pause, waitFor } from "../../apps/common/retry.ts";
import type { LabEngine } from "../../scripts/lab/access.ts";
import { docker } from "../../scripts/lab/docker.ts";
import { labOutputs, psql, query } from "../../scripts/lab/queries.ts";
import { createContext } from "../../scripts/toolchain/context.ts";
import { environment } from "../../scripts/toolchain/environment.ts";
import { runMain, ToolchainError } from "../../scripts/toolchain/errors.ts";
import { interruption } from "../../scripts/toolchain/interruption.ts";
import { type Likeness, likenesses } from "../common/containers.ts";
import { buildPeerImage } from "../common/peer-image.ts";
import { readSplit, splitSince } from "../common/split.ts";
import { Edgelab } from "./edgelab.ts";
import { type Options, parseOptions } from "./options.ts";
import { PythonPeer } from "./peer.ts";
import { report, type Window } from "./report.ts";
import type { System } from "./system.ts";

const pipeline = "sensors";
/** How long the first readings may take to the database, ms. */
const flowMs = 120_000;

await runMain(async () => {
  const options = parseOptions(process.argv.slice(2));
  const context = createContext();
  const { env } = context;
  const { stack } = options;
  const outputs = await labOutputs(await environment(context), context.root, stack);
  if (outputs.forwards.length > 0) {
    throw new ToolchainError("the lab is not on this machine", "./scripts/up   # with target: local");
  }
  const own = (await likenesses(env, stack)).filter((each) => each.pipeline === pipeline);
  const like = (role: string): Likeness => likeOf(own, role, stack);
  const likes = { simulator: like("simulator"), alerter: like("alerter"), store: like("store") };
  const engines: [LabEngine] = [{ host: "local", lab: outputs.lab, env }];
  const sql = async (statements: string) => {
    if ((await psql(engines, statements)) !== undefined) return;
    throw new ToolchainError("the lab's database refused a statement", `./scripts/health ${stack}`);
  };
  const image = await buildPeerImage(context, "ingest");
  const systems: readonly System[] = [
    new Edgelab({ env, stack, own, like: likes.simulator, sql }),
    new PythonPeer({ env, stack, image, likes, bootstrap: outputs.bootstrapServers, sql }),
  ];
  const windows: Window[] = [];
  const names = own.map(({ name }) => name);
  const signal = interruption();
  await docker(env, "stop", ...names);
  try {
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const rate of options.rates) {
        for (const system of systems) {
          const name = `round ${round} of ${options.rounds}: ${system.name}, ${rate}/s`;
          windows.push(
            await context.progress.step(name, () => measured(engines, options, system, rate, signal)),
          );
        }
      }
    }
  } finally {
    await docker(env, "start", ...names);
  }
  process.stdout.write(`\n${report(windows)}\n`);
  const loads = loadavg().map((load) => load.toFixed(1));
  process.stdout.write(`load average of this machine: ${loads.join(", ")}\n`);
  return 0;
});

function likeOf(own: readonly Likeness[], role: string, stack: string): Likeness {
  const found = own.find((each) => each.role === role);
  if (found !== undefined) return found;
  throw new ToolchainError(
    `the lab has no ${role} of readings`,
    `./scripts/pulumi config set sensors.enabled true --stack ${stack} && ./scripts/up ${stack}`,
  );
}

async function measured(
  engines: readonly [LabEngine],
  { stack, seconds, warmUpSeconds }: Options,
  system: System,
  rate: number,
  signal: AbortSignal,
): Promise<Window> {
  const [{ env }] = engines;
  const stored = async () => {
    const select = `SELECT count(*)::int AS count FROM ${system.rows}`;
    return (await query<{ count: number }>(engines, select))?.[0]?.count;
  };
  try {
    signal.throwIfAborted();
    await system.start(rate);
    const flows = async () => ((await stored()) ?? 0) > 0 || undefined;
    await waitFor("readings in the database", flows, { timeoutMs: flowMs, signal });
    await pause(warmUpSeconds * 1000, signal);
    const before = await readSplit(env, stack);
    const storedBefore = await stored();
    const startMs = performance.now();
    await pause(seconds * 1000, signal);
    const tookSeconds = (performance.now() - startMs) / 1000;
    const storedAfter = await stored();
    const split = await splitSince(env, stack, before, { pipeline, seconds: tookSeconds });
    if (storedBefore === undefined || storedAfter === undefined) {
      throw new ToolchainError("the lab's database does not answer", `./scripts/health ${stack}`);
    }
    return { system: system.name, rate, seconds: tookSeconds, stored: storedAfter - storedBefore, split };
  } finally {
    await system.stop();
  }
}
