import { join } from "node:path";
import { messageOf } from "../../apps/common/errors.ts";
import { createLogger } from "../../apps/common/logging.ts";
import { Random } from "../../apps/common/random.ts";
import { pause, settlesWithin } from "../../apps/common/retry.ts";
import { formatSeconds } from "../../lib/table.ts";
import { openAccess } from "../lab/access.ts";
import { type LabContainer, labContainers } from "../lab/docker.ts";
import { labOutputs } from "../lab/queries.ts";
import type { PulumiEnvironment } from "../toolchain/environment.ts";
import { ToolchainError } from "../toolchain/errors.ts";
import type { Context } from "../toolchain/part.ts";
import { Collector } from "./collector.ts";
import { type Change, type During, during, longestWaits } from "./during.ts";
import { type Fault, round, type Target } from "./faults.ts";
import { inject } from "./inject.ts";
import { judge } from "./judge.ts";
import { leadersOf } from "./leaders.ts";
import type { DrillOptions } from "./options.ts";
import type { DrillRecord, FaultRecord, ProbeRecord } from "./records.ts";
import { writeReport } from "./report.ts";
import { Sender } from "./sender.ts";
import { settle } from "./settle.ts";
import { whyNotSlow } from "./slow.ts";
import { Wholeness } from "./whole.ts";

/** Keys that the messages of a topic have, so that they come to all of its partitions. */
const lanes = 8;
/** Between a lab that is whole again and the next fault, ms. */
const calmMs = 5000;

/**
 * Sends messages of its own through a running lab while faults are done to it, and judges what became of them.
 *
 * @returns 0 when nothing was lost, repeated, disordered or stood still; 1 otherwise; 130 when it was interrupted
 * @throws ToolchainError when there is nothing to drill
 */
export async function runDrill(
  context: Context,
  pulumi: PulumiEnvironment,
  options: DrillOptions,
  signal: AbortSignal,
): Promise<number> {
  const { stack } = options;
  const outputs = await labOutputs(pulumi, context.root, stack);
  if (outputs.probes.length === 0) {
    throw new ToolchainError(`the lab ${stack} has no pipeline that can be drilled`, `./scripts/up ${stack}`);
  }
  const access = await openAccess({ env: pulumi.env, project: context.project, stack }, outputs);
  const run = `drill-${Date.now().toString(36)}`;
  const { engines } = access;
  const bootstrapServers = outputs.bootstrapServers.split(",");
  const common = { engines, stack, bootstrapServers, topics: outputs.topics };
  const whole = new Wholeness({ ...common, signal });
  const log = createLogger({ app: "drill", level: "fatal", environment: "drill" });
  const failures = new Set<string>();
  const parts = outputs.probes.map((probe) => ({
    probe,
    collector: new Collector(probe, { ...common, run, log }),
    sender: new Sender({
      bootstrapServers,
      acks: options.acks,
      run,
      probe,
      lanes,
      rate: options.rate,
      onFailure: (reason) => failures.add(`${probe.topic}: ${reason}`),
    }),
  }));
  try {
    await context.progress.step("looking whether the lab is whole", () =>
      whole.wait([], 0, options.limitSeconds * 1000),
    );
    await context.progress.step("finding the topics' ends", () =>
      Promise.all(parts.map(({ collector }) => collector.begin())),
    );
    const fromMs = Date.now();
    const stop = new AbortController();
    const sending = Promise.all(parts.map(({ sender }) => sender.send(stop.signal)));
    const look = async () => {
      for (const { collector } of parts) await collector.ends();
    };
    const leaders = () => leadersOf(outputs, stack);
    const disturbed = async (): Promise<Change[]> =>
      options.during === undefined
        ? (await disturb(context, options, { engines, whole, look, leaders, fromMs, signal })).map(
            (fault) => ({
              record: fault,
              told: [],
            }),
          )
        : [await changed(context, options, options.during, { ...common, whole })];
    const changes = await disturbed().finally(() => stop.abort());
    const faults = changes.map((change) => change.record);
    await sending;
    await Promise.all(parts.map(({ sender }) => sender.close(options.limitSeconds * 1000)));
    const record = (probes: readonly ProbeRecord[]): DrillRecord => ({
      run,
      fromMs,
      toMs: Date.now(),
      probes,
      faults,
    });
    const collect = async () => {
      const probes: ProbeRecord[] = [];
      for (const { probe, collector, sender } of parts) {
        const ends = await collector.ends();
        if (ends === undefined) return undefined;
        probes.push({ topic: probe.topic, lanes, sent: sender.sent, dead: collector.dead, ends });
      }
      return record(probes);
    };
    const drill = await context.progress.step("waiting until everything has arrived", () =>
      drained(collect, options.limitSeconds * 1000),
    );
    const verdict = judge(drill, options.limitSeconds * 1000);
    const folder = options.out ?? join(context.root, "results", run);
    const text = await writeReport({
      folder,
      drill,
      verdict,
      options,
      failures: [...failures],
      told: [longestWaits(drill.probes), ...changes.flatMap(({ told }) => told)],
      fonts: join(context.cache, "fonts"),
    });
    process.stdout.write(`\n${text}\n`);
    if (signal.aborted) return 130;
    return verdict.problems.length === 0 ? 0 : 1;
  } finally {
    await Promise.all(parts.map(({ collector }) => collector.close()));
    await Promise.all(parts.map(({ sender }) => sender.close(0)));
    await whole.close();
    await access.close();
  }
}

/** A command with some quiet before and after it. */
async function changed(
  { root, env }: Context,
  { limitSeconds }: DrillOptions,
  command: string,
  lab: During,
): Promise<Change> {
  await pause(calmMs);
  const change = await during(command, lab, { cwd: root, env, limitMs: limitSeconds * 1000 });
  await pause(calmMs);
  return change;
}

interface Lab {
  readonly engines: Parameters<typeof labContainers>[0];
  readonly whole: Wholeness;
  /** Looks what has come to the stores, which forget what is old. */
  readonly look: () => Promise<void>;
  /** Names of the containers that lead the cluster. */
  readonly leaders: () => Promise<ReadonlySet<string>>;
  readonly fromMs: number;
  readonly signal: AbortSignal;
}

/** One fault after the other, each when the lab has got over the one before, until the time is over. */
async function disturb(context: Context, options: DrillOptions, lab: Lab): Promise<FaultRecord[]> {
  const { seed, minutes, faults: kinds } = options;
  const random = new Random(seed);
  const done: FaultRecord[] = [];
  const endMs = lab.fromMs + minutes * 60_000;
  let coming: Fault[] = [];
  const whyNot = kinds.includes("slow") ? await whyNotSlow(context.env) : undefined;
  if (whyNot !== undefined) context.progress.say(`no slow networks: ${whyNot}`);
  const calm = () => settlesWithin(pause(calmMs, lab.signal), calmMs * 2);
  await calm();
  while (Date.now() < endMs && !lab.signal.aborted) {
    const containers = await labContainers(lab.engines);
    const leaders = kinds.includes("leader") ? await lab.leaders() : none;
    const targets = ofRoles(containers, options.roles).map((one) =>
      targetOf(one, whyNot === undefined, leaders.has(one.name)),
    );
    if (coming.length === 0) coming = round(targets, kinds, random);
    const [planned, ...others] = coming;
    const fault = planned?.kind === "leader" ? ofNow(planned, targets, random) : planned;
    if (fault === undefined) {
      throw new ToolchainError(
        `none of the faults ${kinds.join(", ")} is possible here`,
        "./scripts/drill --help",
      );
    }
    coming = others;
    const record = await oneFault(context, options, lab, fault, containers);
    done.push(record);
    context.progress.say(describe(done.length, record));
    await calm();
    await lab.look();
  }
  return done;
}

/** @throws ToolchainError when none has one of these roles */
function ofRoles(containers: readonly LabContainer[], roles: readonly string[]): readonly LabContainer[] {
  const there = new Set(containers.map(({ role }) => role));
  const unknown = roles.filter((role) => !there.has(role));
  if (unknown.length > 0) {
    throw new ToolchainError(
      `no container of the lab has the role ${unknown.join(", ")}; there are ${[...there].sort().join(", ")}`,
      "./scripts/drill --help",
    );
  }
  return roles.length === 0 ? containers : containers.filter(({ role }) => roles.includes(role));
}

const none: ReadonlySet<string> = new Set();

/** A fault of who leads, of whoever does by now: the one before may have made another the leader of that role. */
function ofNow(planned: Fault, targets: readonly Target[], random: Random): Fault {
  return round(targets, ["leader"], random).find(({ name }) => name === planned.name) ?? planned;
}

function targetOf(
  { name, pipeline, role, network, engine }: LabContainer,
  canSlow: boolean,
  leads: boolean,
): Target {
  const isCuttable = network !== "host";
  const isSlowable = canSlow && isCuttable && engine.connection === undefined;
  return { name, pipeline, role, host: engine.host, isCuttable, isSlowable, leads };
}

async function oneFault(
  { progress }: Context,
  { limitSeconds }: DrillOptions,
  { whole, signal }: Lab,
  fault: Fault,
  containers: readonly LabContainer[],
): Promise<FaultRecord> {
  const { kind, name, acts } = fault;
  const about = { kind, name, containers: acts.map(({ container }) => container) };
  const beganMs = Date.now();
  try {
    const { fromMs, toMs } = await progress.step(name, () => inject(fault, containers, signal));
    const crashed = acts
      .filter(({ act }) => act === "crash" || act === "wipe" || act === "restart")
      .map(({ container }) => container);
    const wholeMs = await progress
      .step("waiting until the lab is whole", () => whole.wait(crashed, fromMs, limitSeconds * 1000))
      .catch((error: unknown) => {
        progress.say(`  ${messageOf(error)}`);
        return undefined;
      });
    return { ...about, fromMs, toMs, wholeMs, problem: undefined };
  } catch (error) {
    const now = Date.now();
    const problem = signal.aborted ? undefined : messageOf(error);
    return { ...about, fromMs: beganMs, toMs: now, wholeMs: signal.aborted ? now : undefined, problem };
  }
}

function describe(number: number, { name, fromMs, toMs, wholeMs, problem }: FaultRecord): string {
  if (problem !== undefined) return `${number}. ${name}: ${problem}`;
  const lasted = toMs === fromMs ? "" : ` for ${formatSeconds((toMs - fromMs) / 1000)}`;
  const over =
    wholeMs === undefined ? "not whole in time" : `whole after ${formatSeconds((wholeMs - fromMs) / 1000)}`;
  return `${number}. ${name}${lasted}: ${over}`;
}

/** Collects until every acknowledged message is everywhere, or nothing more has come for the limit. */
async function drained(
  collect: () => Promise<DrillRecord | undefined>,
  limitMs: number,
): Promise<DrillRecord> {
  let drill: DrillRecord | undefined;
  await settle(async () => {
    drill = await collect();
    return drill === undefined ? undefined : missingIn(drill);
  }, limitMs);
  if (drill !== undefined) return drill;
  throw new ToolchainError(
    `a store could not be asked for ${formatSeconds(limitMs / 1000)}`,
    "docker ps -a   # then the log of its container",
  );
}

/** Acknowledged messages that are not at one of the ends, over all ends. */
export function missingIn(drill: DrillRecord): number {
  const ends = judge(drill, 0).probes.flatMap((probe) => probe.ends);
  return ends.reduce((sum, { lost }) => sum + lost.length, 0);
}
