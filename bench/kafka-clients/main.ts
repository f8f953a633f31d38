/**
 * Kafka clients for the data path, each in processes of its own, in random order over several rounds: latency from
 * sending to reading, throughput and processor time.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openAdmin } from "../../apps/common/kafka-admin.ts";
import { Random } from "../../apps/common/random.ts";
import { readArguments } from "../../scripts/toolchain/command-line.ts";
import { createContext } from "../../scripts/toolchain/context.ts";
import { runMain, ToolchainError } from "../../scripts/toolchain/errors.ts";
import { interruption } from "../../scripts/toolchain/interruption.ts";
import { labBootstrap } from "../common/lab.ts";
import { type CandidateName, candidateNames } from "./candidate.ts";
import { installConfluent } from "./install-confluent.ts";
import { markdown, type Trial, trialOf } from "./report.ts";
import { type Answer, type Command, workloads } from "./workload.ts";

const usage =
  "./bench/kafka-clients/run [--seconds 20] [--rounds 3] [--bootstrap HOST:PORT,…] [--seed 1] [--out FILE]";
/** Messages under way when sending ends still arrive. */
const settleMs = 1000;

await runMain(async () => {
  const options = parse(process.argv.slice(2));
  const bootstrap = (options.bootstrap ?? (await labBootstrap())).split(",");
  const { progress } = createContext();
  const absent = await progress.step("looking for librdkafka", installConfluent);
  if (absent !== undefined) progress.say(`@confluentinc/kafka-javascript is left out: ${absent}`);
  const candidates = candidateNames.filter((name) => name !== "confluent" || absent === undefined);
  const admin = await openAdmin({ bootstrapServers: bootstrap, clientId: "bench-clients" });
  const replication = Math.min(3, (await admin.brokers()).length);
  const topics: string[] = [];
  const signal = interruption();
  const trials: Trial[] = [];
  try {
    for (let round = 1; round <= options.rounds; round += 1) {
      const random = new Random(options.seed + round);
      const turns = workloads.flatMap(({ name: workload }) =>
        candidates.map((candidate) => ({ candidate, workload })),
      );
      for (const { candidate, workload } of random.shuffle(turns)) {
        signal.throwIfAborted();
        const topic = `bench-clients-${process.pid}-${trials.length}`;
        topics.push(topic);
        await admin.createTopic({ name: topic, partitions: 3, replication, config: {} });
        await admin.awaitTopic({ name: topic, partitions: 3, replication }, 30_000);
        const label = `round ${round} of ${options.rounds}: ${candidate}, ${workload}`;
        trials.push(
          await progress.step(label, () =>
            run({ candidate, workload, topic, bootstrap, seconds: options.seconds }),
          ),
        );
        // At once, since what is sent flat out would fill a disk by the end.
        await admin.deleteTopic(topic, 30_000);
        topics.pop();
      }
    }
  } finally {
    for (const topic of topics) await admin.deleteTopic(topic, 30_000);
    await admin.close();
  }
  process.stdout.write(`\n${markdown(trials)}\n`);
  if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(trials, undefined, 2)}\n`);
  return 0;
});

interface Turn {
  readonly candidate: CandidateName;
  readonly workload: string;
  readonly topic: string;
  readonly bootstrap: readonly string[];
  readonly seconds: number;
}

async function run({ candidate, workload, topic, bootstrap, seconds }: Turn): Promise<Trial> {
  const consumer = worker(candidate, bootstrap);
  const producer = worker(candidate, bootstrap);
  try {
    await ask(consumer, { kind: "consume", topic, group: `${topic}-group` }, "ready");
    const produced = await ask(producer, { kind: "produce", topic, workload, seconds }, "produced");
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    const consumed = await ask(consumer, { kind: "stop" }, "consumed");
    producer.send({ kind: "stop" } satisfies Command);
    return trialOf(candidate, workload, produced, consumed);
  } finally {
    for (const child of [consumer, producer]) child.kill("SIGKILL");
  }
}

function worker(candidate: CandidateName, bootstrap: readonly string[]) {
  return fork(join(import.meta.dirname, "worker.ts"), [candidate, bootstrap.join(",")]);
}

async function ask<K extends Answer["kind"]>(
  child: ReturnType<typeof worker>,
  command: Command,
  kind: K,
): Promise<Extract<Answer, { kind: K }>> {
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`a worker ended (${code}) before it answered ${kind}`);
  });
  const answered = once(child, "message").then(([answer]) => answer as Answer);
  child.send(command);
  const answer = await Promise.race([answered, ended]);
  // The process may end as soon as it has answered.
  ended.catch(() => undefined);
  if (answer.kind !== kind) throw new Error(`a worker answered ${answer.kind} instead of ${kind}`);
  return answer as Extract<Answer, { kind: K }>;
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  const options = {
    seconds: { ...text, default: "20" },
    rounds: { ...text, default: "3" },
    seed: { ...text, default: "1" },
    bootstrap: text,
    out: text,
  };
  const { values } = readArguments(args, options, { usage });
  const [seconds, rounds, seed] = [Number(values.seconds), Number(values.rounds), Number(values.seed)];
  const refuse = (what: string): never => {
    throw new ToolchainError(what, usage);
  };
  if (!(seconds >= 1 && seconds <= 600)) refuse(`--seconds ${values.seconds} is not a number from 1 to 600`);
  if (!Number.isInteger(rounds) || rounds < 1) refuse(`--rounds ${values.rounds} is not a whole number`);
  if (!Number.isInteger(seed)) refuse(`--seed ${values.seed} is not a whole number`);
  return { seconds, rounds, seed, bootstrap: values.bootstrap, out: values.out };
}
