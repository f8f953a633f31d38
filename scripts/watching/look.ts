import { statfs } from "node:fs/promises";
import { messageOf } from "../../apps/common/errors.ts";
import { type KafkaAdmin, openAdmin } from "../../apps/common/kafka-admin.ts";
import { pause } from "../../apps/common/retry.ts";
import { runScript } from "../../lib/ssh/run.ts";
import { type LabEngine, openAccess } from "../lab/access.ts";
import { docker, labContainers } from "../lab/docker.ts";
import { messagesIn } from "../lab/kafka-state.ts";
import { labInState } from "../lab/machines.ts";
import { counterOf, type LabOutputs } from "../lab/queries.ts";
import { silentHosts } from "../lab/reachable.ts";
import { containerName } from "../stack/stack.ts";
import type { PulumiEnvironment } from "../toolchain/environment.ts";
import type { Context } from "../toolchain/part.ts";
import { clockRows } from "./clocks.ts";
import { containerRows, diskRow, kafkaRows, lagRows, lossRows, type Row, rateRows } from "./rows.ts";
import { askEnsemble, ensembleRows } from "./zookeeper.ts";

/** How long counters are watched for their rates, ms. */
const watchMs = 3000;
const answerMs = 10_000;

/**
 * Looks at everything that the lab consists of, by what its stack outputs say that is.
 *
 * @returns a row for each thing, those of hosts first
 */
export async function lookAt(
  context: Context,
  pulumi: PulumiEnvironment,
  stack: string,
  outputs: LabOutputs,
): Promise<Row[]> {
  const silent = await silentHosts((await labInState(pulumi, context.root, stack)).machines);
  const forwards = outputs.forwards.filter(({ host }) => !silent.some((one) => one.host === host));
  const access = await openAccess(
    { env: pulumi.env, project: context.project, stack },
    { ...outputs, forwards },
  );
  const nameOf = (service: string) => containerName(stack, service);
  try {
    const parts = await Promise.all([
      silent.map(({ host, reason }): Row => {
        const cause = "it is off, or the way to it is cut";
        return {
          what: `host ${host}`,
          level: "red",
          seen: reason,
          cause,
          fix: "see docs/hosts.md, A dead host",
        };
      }),
      lossRows(
        outputs.standing,
        (outputs.hosts ?? []).map(({ name }) => name),
        silent.map(({ host }) => host),
      ),
      containers(access.engines, stack, outputs.startOrder.flat().map(nameOf)),
      kafka(outputs, stack, nameOf),
      ensemble(outputs, stack, nameOf),
      rates(outputs, nameOf),
      Promise.all(access.engines.map(async (engine) => diskRow(engine.host, await usedPercent(engine)))),
      clockRows(access.engines),
    ]);
    return parts.flat(2);
  } finally {
    await access.close();
  }
}

async function containers(
  engines: readonly LabEngine[],
  stack: string,
  expected: readonly string[],
): Promise<Row[]> {
  const found = await labContainers(engines);
  return containerRows(
    expected,
    found.map((container) => ({ ...container, host: container.engine.host })),
    stack,
  );
}

async function kafka(
  { bootstrapServers, topics, consumers }: LabOutputs,
  stack: string,
  nameOf: (service: string) => string,
): Promise<Row[]> {
  let admin: KafkaAdmin | undefined;
  try {
    admin = await openAdmin({ bootstrapServers: bootstrapServers.split(","), clientId: "edgelab-health" });
    const started = performance.now();
    const behind = await admin.behind(topics);
    const ms = performance.now() - started;
    const lags = [];
    for (const { service, group, topic, partition } of consumers) {
      const partitions = await admin.lag(group, topic);
      lags.push({ service, group, topic, messages: messagesIn(partitions, partition) });
    }
    return [...kafkaRows({ behind, ms }, topics.length, stack), ...lagRows(lags, nameOf)];
  } catch (error) {
    return kafkaRows({ problem: messageOf(error) }, topics.length, stack);
  } finally {
    await admin?.close();
  }
}

async function ensemble(
  { zookeepers, bootstrapServers }: LabOutputs,
  stack: string,
  nameOf: (service: string) => string,
): Promise<Row[]> {
  const brokers = bootstrapServers.split(",").length;
  return ensembleRows(await askEnsemble(zookeepers), { brokers, stack, nameOf });
}

async function rates({ watched }: LabOutputs, nameOf: (service: string) => string): Promise<Row[]> {
  const steady = watched.flatMap(({ leastPerSecond, ...one }) =>
    leastPerSecond === undefined ? [] : [{ ...one, least: leastPerSecond }],
  );
  const looked = async () => ({ atMs: performance.now(), counts: await Promise.all(steady.map(counterOf)) });
  const first = await looked();
  if (steady.length > 0) await pause(watchMs);
  const last = await looked();
  const seconds = (last.atMs - first.atMs) / 1000;
  return rateRows(
    steady.map(({ service, counter, least }, index) => {
      const [before, after] = [first.counts[index], last.counts[index]];
      const perSecond = before === undefined || after === undefined ? undefined : (after - before) / seconds;
      return { service, counter, perSecond, least };
    }),
    nameOf,
  );
}

/** Of the disk that Docker has its data on. */
async function usedPercent({ env, connection }: LabEngine): Promise<number | undefined> {
  const [folder = "/"] = await docker(env, "info", "--format", "{{.DockerRootDir}}");
  if (connection === undefined) {
    const { blocks, bfree, bavail } = await statfs(folder);
    // As df counts: what only root may use is not there for the others.
    return ((blocks - bfree) / (blocks - bfree + bavail)) * 100;
  }
  const script = `sudo -n df --output=pcent '${folder}' || df --output=pcent /`;
  const { code, stdout } = await runScript(connection, script, { timeoutMs: answerMs });
  const percent = Number.parseFloat(stdout.trim().split("\n").at(-1) ?? "");
  return code === 0 && Number.isFinite(percent) ? percent : undefined;
}
