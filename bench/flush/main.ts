/**
 * What kafka.flush costs: one broker of the lab's own image on this machine's disk, one producer with acks=all, messages
 * of 3 KB; once at a steady rate, from sending to the acknowledgement, and once flat out. Values take turns.
 */
import { openAdmin } from "../../apps/common/kafka-admin.ts";
import { createProducer } from "../../apps/common/kafka-producer.ts";
import { pause } from "../../apps/common/retry.ts";
import { startBroker, type TestBroker } from "../../apps/common/testing/broker.ts";
import { flushSettings } from "../../infra/kafka/flush.ts";
import { readArguments } from "../../scripts/toolchain/command-line.ts";
import { runMain, ToolchainError } from "../../scripts/toolchain/errors.ts";
import { report, type Trial } from "./report.ts";

const usage = "./bench/flush/run [--seconds 20]";
const rounds = 3;
const perSecond = 60;
const value = Buffer.alloc(3 * 1024, "x");
/** Flat out, what is under way at once. */
const lanes = 64;
const values = ["off", "interval", "message"] as const;

await runMain(async () => {
  const given = readArguments(
    process.argv.slice(2),
    { seconds: { type: "string", default: "20" } },
    { usage },
  );
  const seconds = Number(given.values.seconds);
  if (!(seconds >= 3 && seconds <= 3600)) {
    throw new ToolchainError(`--seconds ${given.values.seconds} is not a number from 3 to 3600`, usage);
  }
  const broker = await startBroker();
  try {
    const trials = new Map<string, { latenciesMs: number[]; perSecond: number[] }>();
    for (let round = 0; round < rounds; round += 1) {
      for (const flush of values) {
        const topic = await topicWith(flush, round, broker);
        const all = trials.get(flush) ?? { latenciesMs: [], perSecond: [] };
        trials.set(flush, all);
        all.latenciesMs.push(...(await steadily(topic, seconds / rounds, broker)));
        all.perSecond.push(await flatOut(topic, seconds / rounds, broker));
      }
    }
    const [first, ...others] = [...trials].map(
      ([flush, { latenciesMs, perSecond }]): Trial => ({
        flush: flush === "interval" ? "interval of 1 s" : flush,
        latenciesMs,
        perSecond: perSecond.reduce((sum, each) => sum + each, 0) / perSecond.length,
      }),
    );
    if (first !== undefined) process.stdout.write(`${report([first, ...others])}\n`);
    return 0;
  } finally {
    await broker.close();
  }
});

async function topicWith(flush: (typeof values)[number], round: number, broker: TestBroker): Promise<string> {
  const admin = await openAdmin({ ...broker, clientId: "bench" });
  const name = `${flush}-${round}`;
  const config = flushSettings({ flush, flushSeconds: 1 });
  const spec = { name, partitions: 6, replication: 1, config };
  await admin.createTopic(spec);
  await admin.awaitTopic(spec, 60_000);
  await admin.close();
  return name;
}

/** Latencies of messages that are due at equal intervals, ms. */
async function steadily(topic: string, seconds: number, broker: TestBroker): Promise<number[]> {
  const producer = createProducer({ ...broker, clientId: "bench" });
  await producer.send({ topic, value });
  const startMs = performance.now();
  const sent = [];
  for (let index = 0; index < seconds * perSecond; index += 1) {
    const dueMs = startMs + (index * 1000) / perSecond;
    await pause(Math.max(0, dueMs - performance.now()));
    const key = String(index);
    sent.push(producer.send({ topic, key, value }).then(() => performance.now() - dueMs));
  }
  const latenciesMs = await Promise.all(sent);
  await producer.close();
  return latenciesMs;
}

/** Acknowledged messages a second. */
async function flatOut(topic: string, seconds: number, broker: TestBroker): Promise<number> {
  const producer = createProducer({ ...broker, clientId: "bench" });
  const startMs = performance.now();
  let acknowledged = 0;
  const lane = async (key: string) => {
    while (performance.now() - startMs < seconds * 1000) {
      await producer.send({ topic, key, value });
      acknowledged += 1;
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, index) => lane(String(index))));
  const tookMs = performance.now() - startMs;
  await producer.close();
  return (acknowledged / tookMs) * 1000;
}
