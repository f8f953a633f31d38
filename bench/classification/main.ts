/**
 * The classification pipeline beside the same in Python: same brokers, database, model and images, containers of the
 * same limits, in turns, so that whatever else the machine does falls on all of them. A lab on this machine is needed;
 * while a peer is measured, the lab's own apps of the pipeline are stopped.
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { nowUs } from "../../apps/common/clock.ts";
import { pause } from "../../apps/common/retry.ts";
import { docker } from "../../scripts/lab/docker.ts";
import { labOutputs } from "../../scripts/lab/queries.ts";
import { createContext } from "../../scripts/toolchain/context.ts";
import { environment } from "../../scripts/toolchain/environment.ts";
import { runMain, ToolchainError } from "../../scripts/toolchain/errors.ts";
import { interruption } from "../../scripts/toolchain/interruption.ts";
import type { Context } from "../../scripts/toolchain/part.ts";
import type { Env } from "../../scripts/toolchain/run.ts";
import { type Likeness, likenesses } from "../common/containers.ts";
import { buildPeerImage } from "../common/peer-image.ts";
import { readSplit, splitSince } from "../common/split.ts";
import { Edgelab } from "./edgelab.ts";
import { type Options, parseOptions } from "./options.ts";
import { PythonPeer } from "./peer.ts";
import { picture } from "./picture.ts";
import { mostLine, report, summarise, type Window } from "./report.ts";
import { producerCount, type System, timeoutMs } from "./system.ts";

/** A step of the search for the greatest rate, and the warm-up before it: at such rates code is compiled soon. */
const stepSeconds = 8;
const stepWarmUpSeconds = 8;
/** Images a second of a producer, as the search tries them. */
const ladder = [40, 60, 90, 135, 200, 300, 450, 675, 1000];
/** The least part of the images due whose results come in time, for the rate to count as carried. */
const carriedPart = 0.99;

await runMain(async () => {
  const options = parseOptions(process.argv.slice(2));
  const context = createContext();
  const pulumi = await environment(context);
  const outputs = await labOutputs(pulumi, context.root, options.stack);
  if (outputs.forwards.length > 0) {
    throw new ToolchainError("the lab is not on this machine", "./scripts/up   # with target: local");
  }
  const { env } = context;
  const lab = await likenesses(env, options.stack);
  const own = lab.filter(({ pipeline }) => pipeline === "classification").map(({ name }) => name);
  const image = await buildPeerImage(context, "classification", (folder) =>
    takeModelAndImages(env, lab, folder),
  );
  const edgelab = new Edgelab(env, options.stack, lab);
  const peers = options.peers.map(
    (client) =>
      new PythonPeer({ env, lab, image, client, stack: options.stack, bootstrap: outputs.bootstrapServers }),
  );
  const systems: readonly System[] = [edgelab, ...peers];
  const windows: Window[] = [];
  const signal = interruption();
  await docker(env, "stop", ...own);
  try {
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const system of systems) {
        await whileRunning(system, async () => {
          for (const rate of options.rates) {
            const name = `round ${round} of ${options.rounds}: ${system.name}, ${producerCount} × ${rate}/s`;
            windows.push({
              ...(await measured(context, options, system, { rate, seconds: options.seconds, name, signal })),
              round,
            });
          }
        });
      }
    }
    const summaries = summarise(windows);
    process.stdout.write(`\n${report(summaries, producerCount)}\n`);
    process.stdout.write(
      `load average of this machine: ${loadavg()
        .map((load) => load.toFixed(1))
        .join(", ")}\n`,
    );
    if (options.out !== undefined) {
      await mkdir(options.out, { recursive: true });
      await writeFile(
        join(options.out, "classification.png"),
        await picture(windows, join(context.cache, "fonts")),
      );
      const figures = summaries.map(({ parts, ...rest }) => ({ ...rest, parts: Object.fromEntries(parts) }));
      await writeFile(join(options.out, "classification.json"), `${JSON.stringify(figures, undefined, 2)}\n`);
    }
    if (options.most) {
      const [peer] = peers;
      const carried: number[] = [];
      for (const system of [edgelab, ...(peer === undefined ? [] : [peer])]) {
        await whileRunning(system, async () => {
          carried.push(await mostOf(context, options, system, signal));
        });
      }
      process.stdout.write(`${mostLine(carried[0] ?? 0, carried[1] ?? 0)}\n`);
    }
    return 0;
  } finally {
    await docker(env, "start", ...own);
  }
});

/** Copies the very model and images of the lab's own containers to a folder. */
async function takeModelAndImages(env: Env, lab: readonly Likeness[], folder: string): Promise<void> {
  for (const [role, path] of [
    ["classifier", "model"],
    ["producer", "data"],
  ] as const) {
    const container = lab.find((each) => each.pipeline === "classification" && each.role === role);
    await rm(join(folder, path), { recursive: true, force: true });
    await docker(env, "cp", `${container?.name}:/${path}`, join(folder, path));
  }
}

async function whileRunning(system: System, work: () => Promise<void>): Promise<void> {
  await system.start();
  try {
    await work();
  } finally {
    await system.stop();
  }
}

interface Load {
  /** Images a second of each producer. */
  readonly rate: number;
  readonly seconds: number;
  readonly name: string;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Measures one window, with a warm-up before it. */
async function measured(
  { env, progress }: Context,
  { stack, warmUpSeconds }: Options,
  system: System,
  { rate, seconds, name, signal }: Load,
): Promise<Omit<Window, "round">> {
  signal.throwIfAborted();
  return progress.step(name, async () => {
    await system.startLoad(rate);
    await pause(warmUpSeconds * 1000, signal);
    const before = await readSplit(env, stack);
    const startUs = nowUs();
    await pause(seconds * 1000, signal);
    const endUs = nowUs();
    const split = await splitSince(env, stack, before, {
      pipeline: "classification",
      seconds: (endUs - startUs) / 1e6,
    });
    await pause(timeoutMs + 500, signal);
    const fates = (await system.endLoad()).filter(({ dueUs }) => dueUs >= startUs && dueUs < endUs);
    if (fates.length === 0)
      throw new ToolchainError(`${name}: no image was due`, "docker logs of its producers");
    return { system: system.name, rate, seconds, fates, split };
  });
}

/** Images a second, of all producers together, of the last step at which nearly all results came in time. */
async function mostOf(
  context: Context,
  options: Options,
  system: System,
  signal: AbortSignal,
): Promise<number> {
  let most = 0;
  for (const rate of ladder) {
    const name = `${system.name}, most: ${producerCount} × ${rate}/s`;
    const setting = { ...options, warmUpSeconds: stepWarmUpSeconds };
    const { fates } = await measured(context, setting, system, { rate, seconds: stepSeconds, name, signal });
    const due = rate * producerCount * stepSeconds;
    const inTime = fates.filter(({ latencyMs }) => Number.isFinite(latencyMs)).length;
    if (inTime < carriedPart * due) break;
    most = rate * producerCount;
  }
  return most;
}
