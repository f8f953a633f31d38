import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createLogger } from "../../../apps/common/logging.ts";
import { Random } from "../../../apps/common/random.ts";
import { deadLetterName } from "../../../apps/common/topics.ts";
import { renderTable } from "../../../lib/table.ts";
import { openAccess } from "../../lab/access.ts";
import { labContainers } from "../../lab/docker.ts";
import { labOutputs } from "../../lab/queries.ts";
import type { PulumiEnvironment } from "../../toolchain/environment.ts";
import type { Context } from "../../toolchain/part.ts";
import { Collector } from "../collector.ts";
import { judge } from "../judge.ts";
import type { DrillOptions } from "../options.ts";
import { readTopic } from "../reader.ts";
import type { DrillRecord, ProbeRecord } from "../records.ts";
import { missingIn } from "../run.ts";
import { Sender } from "../sender.ts";
import { settle } from "../settle.ts";
import { type Malformed, malformed, malformedNumber } from "./messages.ts";
import { sendMalformed } from "./sender.ts";
import { countKinds, type Fate, problemsOf, unburied } from "./verdict.ts";

const lanes = 8;

/**
 * Sends malformed messages to every topic that has dead letters, good ones among them where it is known what those are,
 * and judges: every good one gets through, every bad one is a dead letter with a reason, and no container is started
 * again.
 *
 * @returns exit code
 */
export async function runMalformed(
  context: Context,
  pulumi: PulumiEnvironment,
  options: DrillOptions & { readonly malformed: number },
  signal: AbortSignal,
): Promise<number> {
  const { stack, seed, limitSeconds } = options;
  const outputs = await labOutputs(pulumi, context.root, stack);
  const access = await openAccess({ env: pulumi.env, project: context.project, stack }, outputs);
  const { engines } = access;
  const run = `drill-${Date.now().toString(36)}`;
  const bootstrapServers = outputs.bootstrapServers.split(",");
  const log = createLogger({ app: "drill", level: "fatal", environment: "drill" });
  const common = { engines, stack, bootstrapServers, topics: outputs.topics, run, log };
  const random = new Random(seed);
  const topics = outputs.topics.filter((topic) => outputs.topics.includes(deadLetterName(topic)));
  const bad = topics.map((topic) => {
    const probe = outputs.probes.find((one) => one.topic === topic);
    const messages = malformed({ topic, probe, run: `${run}-bad`, count: options.malformed }, random);
    return { topic, messages, reasons: new Map<number, string[]>() };
  });
  const good = outputs.probes.map((probe) => ({
    collector: new Collector(probe, common),
    sender: new Sender({
      ...common,
      acks: options.acks,
      probe,
      lanes,
      rate: options.rate,
      onFailure: context.progress.say.bind(context.progress),
    }),
    probe,
  }));
  const reading = new AbortController();
  try {
    const before = await labContainers(engines);
    await context.progress.step("finding the topics' ends", () =>
      Promise.all([
        ...good.map(({ collector }) => collector.begin()),
        ...bad.map(
          ({ topic, reasons }) =>
            readTopic({
              ...common,
              run: `${run}-bad`,
              topic: deadLetterName(topic),
              signal: reading.signal,
              onMessage: (letter) => {
                const number = malformedNumber(`${run}-bad`, letter);
                if (number === undefined) return;
                const reason = letter.headers.get("dlq-reason")?.toString() ?? "";
                reasons.set(number, [...(reasons.get(number) ?? []), reason]);
              },
            }).ready,
        ),
      ]),
    );
    const fromMs = Date.now();
    const stop = new AbortController();
    const sending = Promise.all(good.map(({ sender }) => sender.send(stop.signal)));
    const taken = await context.progress
      .step(`sending ${options.malformed} malformed messages to each of ${topics.join(", ")}`, () =>
        Promise.all(
          bad.map(({ messages }) => sendMalformed(messages, { bootstrapServers, clientId: run, signal })),
        ),
      )
      .finally(() => stop.abort());
    await sending;
    await Promise.all(good.map(({ sender }) => sender.close(limitSeconds * 1000)));

    const fates = () => bad.flatMap((one, i) => fatesOf(one, taken[i] ?? []));
    let drill: DrillRecord | undefined;
    await context.progress.step("waiting until everything has arrived", () =>
      settle(async () => {
        const probes: ProbeRecord[] = [];
        for (const { probe, collector, sender } of good) {
          const ends = await collector.ends();
          if (ends === undefined) return undefined;
          probes.push({ topic: probe.topic, lanes, sent: sender.sent, dead: collector.dead, ends });
        }
        drill = { run, fromMs, toMs: Date.now(), faults: [], probes };
        return missingIn(drill) + unburied(fates());
      }, limitSeconds * 1000),
    );
    const after = await labContainers(engines);
    const problems = [
      ...(drill === undefined ? ["a store could not be asked"] : goodProblems(drill)),
      ...problemsOf(fates(), before, after),
    ];
    const text = reportText(options, fates(), drill, problems);
    const folder = options.out ?? join(context.root, "results", run);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "malformed.md"), `# Malformed messages\n\n\`\`\`\n${text}\n\`\`\`\n`);
    const json = { format: "edgelab-malformed-1", options, problems, kinds: countKinds(fates()) };
    await writeFile(join(folder, "malformed.json"), `${JSON.stringify(json, null, 1)}\n`);
    process.stdout.write(`\n${text}\n\n  ${join(folder, "malformed.md")}\n`);
    if (signal.aborted) return 130;
    return problems.length === 0 ? 0 : 1;
  } finally {
    reading.abort(new Error("the drill is over"));
    await Promise.all(good.map(({ collector }) => collector.close()));
    await Promise.all(good.map(({ sender }) => sender.close(0)));
    await access.close();
  }
}

function fatesOf(
  {
    topic,
    messages,
    reasons,
  }: { topic: string; messages: readonly Malformed[]; reasons: ReadonlyMap<number, string[]> },
  taken: readonly boolean[],
): Fate[] {
  return messages.map(({ kind }, i) => ({
    topic,
    kind,
    taken: taken[i] ?? false,
    reasons: reasons.get(i) ?? [],
  }));
}

/** A good message among the dead letters got lost on the way, too. */
function goodProblems(drill: DrillRecord): string[] {
  const { problems, probes } = judge(drill, 0);
  return [
    ...problems,
    ...probes
      .filter(({ dead }) => dead > 0)
      .map(({ topic, dead }) => `${topic}: ${dead} good messages are dead letters`),
  ];
}

function reportText(
  { stack, seed, malformed: count }: DrillOptions,
  fates: readonly Fate[],
  drill: DrillRecord | undefined,
  problems: readonly string[],
): string {
  const good = drill?.probes.reduce((sum, { sent }) => sum + sent.length, 0) ?? 0;
  return [
    `Stack ${stack}, seed ${seed}: ${count} malformed messages to each topic, ${fates.length} in all, and ${good} good ones among them.`,
    renderTable(
      ["topic", "kind", "sent", "refused by Kafka", "dead letters", "a reason"],
      countKinds(fates)
        .toSorted((a, b) => a.topic.localeCompare(b.topic) || a.kind.localeCompare(b.kind))
        .map(({ topic, kind, sent, refusedByKafka, buried, example }) => [
          topic,
          kind,
          String(sent),
          String(refusedByKafka),
          String(buried),
          example.replaceAll(/[\p{Cc}\s]+/gu, " ").slice(0, 70),
        ]),
    ),
    problems.length === 0
      ? "Passed: every good message got through, every malformed one is a dead letter with a reason, and no container was started again."
      : `FAILED:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
  ].join("\n\n");
}
