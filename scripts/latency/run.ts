import { join, resolve } from "node:path";
import { messageOf } from "../../apps/common/errors.ts";
import { openAdmin } from "../../apps/common/kafka-admin.ts";
import { formatSeconds } from "../../lib/table.ts";
import type { PulumiEnvironment } from "../toolchain/environment.ts";
import { ToolchainError } from "../toolchain/errors.ts";
import type { Context } from "../toolchain/part.ts";
import { describeClocks } from "./clocks.ts";
import { type Change, type Deployment, LabControl } from "./lab-control.ts";
import { LabLink } from "./lab-link.ts";
import { describeState, Estimate } from "./live.ts";
import { measure } from "./measure.ts";
import { modelConfig } from "./models.ts";
import type { MeasureOptions } from "./options.ts";
import { randomOrder, type Turn } from "./order.ts";
import type { LiveState } from "./phase.ts";
import { hostInfo, kafkaFacts, versions } from "./provenance.ts";
import { type About, writeResults } from "./results.ts";
import type { Rescale } from "./summary.ts";
import { summaryForTerminal } from "./summary-text.ts";
import type { WindowRecord } from "./windows.ts";

/** What is measured is worth keeping however the run ends. */
interface Progressed {
  readonly records: WindowRecord[];
  readonly rescales: Rescale[];
  last: Deployment | undefined;
}

/**
 * Measures every producer count in random order, brings the lab back to what its stack config says, whatever happened,
 * and writes the results of the windows that were measured.
 *
 * @returns exit code
 */
export async function runMeasurement(
  context: Context,
  pulumi: PulumiEnvironment,
  options: MeasureOptions,
  signal: AbortSignal,
): Promise<number> {
  const startedAt = new Date();
  const overrides = {
    ...(await modelConfig(context.root, options.model)),
    ...(options.rate === undefined ? {} : { "classification.rate": String(options.rate) }),
    ...(options.arrivals === undefined ? {} : { "classification.arrivals": options.arrivals }),
  };
  const control = await LabControl.open({
    context,
    pulumi,
    stack: options.stack,
    configFile: options.configFile === undefined ? undefined : resolve(options.configFile),
  });
  const link = new LabLink({ env: pulumi.env, project: context.project, stack: options.stack });
  const done: Progressed = { records: [], rescales: [], last: undefined };
  let failure: unknown;
  try {
    await measureAll({ context, options, control, link, overrides, signal, done });
  } catch (error) {
    failure = error;
  }
  const about: About | undefined =
    done.last === undefined || done.records.length === 0
      ? undefined
      : {
          startedAt: startedAt.toISOString(),
          endedAt: new Date().toISOString(),
          interrupted: failure === undefined ? null : (messageOf(failure).split("\n")[0] ?? "unknown"),
          options,
          clocks: describeClocks(done.records.at(-1)?.clocks ?? []),
          hosts: (done.last.outputs.hosts ?? []).map(({ name, address, roles }) => ({
            name,
            address,
            roles,
          })),
          host: hostInfo(),
          versions: await versions(pulumi, context, done.last.outputs.kafka?.version),
          kafka: await factsOf(done.last),
          config: await control.config(overrides),
          rescales: done.rescales,
        };
  await link.close();
  try {
    await restore(context, control, options);
  } finally {
    await control.close();
  }
  if (about !== undefined) await report(context, options, done, about);
  if (failure === undefined) return 0;
  if (signal.aborted) {
    process.stderr.write("interrupted; the lab is as its stack config says again\n");
    return 130;
  }
  throw failure;
}

interface Work {
  readonly context: Context;
  readonly link: LabLink;
  readonly options: MeasureOptions;
  readonly control: LabControl;
  readonly overrides: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly done: Progressed;
}

async function measureAll(work: Work): Promise<void> {
  const { options, context, signal } = work;
  const turns = randomOrder(options.producers, options.repeats, options.seed);
  const estimate = new Estimate(turns.length, options.seconds);
  const order = turns.map(({ producers }) => producers).join(", ");
  context.progress.say(
    `measuring ${options.seconds} s each with ${order} ${turns.length === 1 && order === "1" ? "producer" : "producers"}` +
      `${turns.length === 1 ? "" : ", in this order"}; about ${formatSeconds(estimate.secondsLeft())}`,
  );
  await prepareLab(work);
  for (const [index, turn] of turns.entries()) {
    signal.throwIfAborted();
    estimate.beginTurn();
    await deploy(work, turn, `[${index + 1}/${turns.length}] `);
    await measureTurn(work, turn, `[${index + 1}/${turns.length}] `, estimate);
    estimate.endTurn();
  }
}

/** Deploys the lab with everything that was asked for but the number of producers, so that only that changes later. */
async function prepareLab(work: Work): Promise<void> {
  const { control, overrides, context, done, options, signal, link } = work;
  done.last = await context.progress.step("bringing the lab up to date", () => control.up(overrides));
  signal.throwIfAborted();
  await link.follow(done.last.outputs);
  if (done.last.outputs.classifierUrls.length > 0) return;
  throw new ToolchainError(
    "the classification pipeline is switched off",
    `./scripts/pulumi config set classification.enabled true --stack ${options.stack}`,
  );
}

async function deploy(work: Work, { producers }: Turn, label: string): Promise<void> {
  const { control, overrides, context, done, signal, link } = work;
  const before = done.last?.outputs.producerUrls.length ?? 0;
  if (before === producers) return;
  done.last = await context.progress.step(`${label}${before} → ${named(producers)}`, () =>
    control.up({ ...overrides, producers: String(producers) }),
  );
  signal.throwIfAborted();
  await link.follow(done.last.outputs);
  const rescale = describeRescale(before, producers, done.last);
  done.rescales.push(rescale);
  const others = rescale.others.length === 0 ? "nothing else" : `and besides ${rescale.others.join(", ")}`;
  context.progress.say(
    `${label}${before} → ${named(producers)} in ${formatSeconds(rescale.upSeconds)}: ` +
      `${rescale.touched.join(", ")}; ${others}`,
  );
}

async function measureTurn(work: Work, turn: Turn, label: string, estimate: Estimate): Promise<void> {
  const { context, link, options, signal, done } = work;
  if (done.last === undefined) return;
  const { outputs } = done.last;
  let state: LiveState | undefined;
  const measured = await context.progress.step(
    `${label}${named(turn.producers)}`,
    () =>
      measure({
        engines: link.engines,
        hostOf: (service) => link.hostOf(service),
        stack: options.stack,
        outputs,
        seconds: options.seconds,
        warmupSeconds: options.warmupSeconds,
        signal,
        onState: (now) => {
          if (now.phase === "measuring" && state?.phase !== "measuring") {
            context.progress.say(`${label}${named(turn.producers)}: measuring ${options.seconds} s`);
          }
          state = now;
        },
      }),
    () => (state === undefined ? "" : describeState(state, estimate.secondsLeft(state))),
  );
  done.records.push({ ...measured, producerCount: turn.producers, repeat: turn.repeat });
}

async function restore(context: Context, control: LabControl, { stack }: MeasureOptions): Promise<void> {
  try {
    await context.progress.step("bringing the lab back to its stack config", () => control.restore());
  } catch (error) {
    throw new ToolchainError(
      `the lab could not be brought back to what its stack config says: ${messageOf(error)}`,
      `./scripts/up ${stack}`,
    );
  }
}

async function report(
  context: Context,
  options: MeasureOptions,
  done: Progressed,
  about: About,
): Promise<void> {
  const folder = options.out ?? join(context.root, "results", about.startedAt.replaceAll(/[:.]/g, "-"));
  const { summary, files } = await context.progress.step("drawing", () =>
    writeResults(folder, done.records, about, join(context.cache, "fonts")),
  );
  process.stdout.write(`\n${summaryForTerminal(summary)}\n\n`);
  for (const file of files) process.stdout.write(`  ${join(folder, file)}\n`);
}

async function factsOf({ outputs }: Deployment) {
  const admin = await openAdmin({
    bootstrapServers: outputs.bootstrapServers.split(","),
    clientId: "edgelab-cdf",
  });
  try {
    return await kafkaFacts(admin);
  } finally {
    await admin.close();
  }
}

/** What an update from one producer count to another touched. */
export function describeRescale(
  from: number,
  to: number,
  deployment: Pick<Deployment, "seconds" | "changes">,
): Rescale {
  const isProducer = ({ name }: Change) => /^classification-producer-\d+$/.test(name);
  const kinds = Map.groupBy(
    deployment.changes.filter(isProducer),
    ({ op, type }) => `${op} ${type.split(":").at(-1)}`,
  );
  return {
    from,
    to,
    upSeconds: deployment.seconds,
    touched: [...kinds].map(([kind, changes]) => `${changes.length} × ${kind}`),
    others: deployment.changes.filter((change) => !isProducer(change)).map(({ op, name }) => `${op} ${name}`),
  };
}

function named(producers: number): string {
  return producers === 1 ? "1 producer" : `${producers} producers`;
}
