import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { consumeBatches, createProducer } from "../../apps/common/kafka.ts";
import { openAdmin } from "../../apps/common/kafka-admin.ts";
import { PoisonError } from "../../apps/common/kafka-message.ts";
import { createLogger } from "../../apps/common/logging.ts";
import { createMetrics } from "../../apps/common/metrics.ts";
import { waitFor } from "../../apps/common/retry.ts";
import { startBroker, type TestBroker } from "../../apps/common/testing/broker.ts";
import type { Probe } from "../../lib/probe.ts";
import { Collector } from "./collector.ts";
import { judge } from "./judge.ts";
import { Sender } from "./sender.ts";

const topics = ["in", "in.dlq", "out", "out.dlq"];
const probe: Probe = {
  topic: "in",
  key: "{run}-{lane}",
  headers: { id: "{run}.{seq}", us: "{us}" },
  value: { base64: Buffer.from("good").toString("base64") },
  id: { headers: ["id"] },
  ends: [{ kind: "topic", topic: "out", id: { field: "id" }, ordered: true }],
};
const log = createLogger({ app: "test", level: "fatal", environment: "test" });
const lanes = 4;

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker();
  const admin = await openAdmin({ bootstrapServers: broker.bootstrapServers, clientId: "test" });
  for (const name of topics) await admin.createTopic({ name, partitions: 3, replication: 1, config: {} });
  await waitFor("leaders", async () => ((await admin.behind(topics)).length === 0 ? true : undefined), {
    timeoutMs: 60_000,
  });
  await admin.close();
}, 300_000);
afterAll(() => broker.close());

/** A pipeline of one step, which refuses one message, and forgets another when it is told to. */
function pipeline(refused: string, forgotten?: string) {
  const { bootstrapServers } = broker;
  const end = new AbortController();
  const producer = createProducer({ bootstrapServers, clientId: "pipeline" });
  const consumer = consumeBatches({
    bootstrapServers,
    clientId: "pipeline",
    groupId: `pipeline-${refused}`,
    topic: "in",
    autoOffsetReset: "latest",
    maxBatch: 10,
    deadLetters: producer,
    log,
    metrics: createMetrics("test"),
    signal: end.signal,
    onBatch: async (messages) => {
      for (const { headers, key } of messages) {
        const id = String(headers.get("id"));
        if (id.endsWith(refused)) throw new PoisonError("refused");
        if (forgotten !== undefined && id.endsWith(forgotten)) continue;
        await producer.send({ topic: "out", key: key ?? "", value: JSON.stringify({ id }) });
      }
      return [];
    },
  });
  const close = async () => {
    end.abort();
    await consumer.done;
    await producer.close();
  };
  return { ready: consumer.ready, close };
}

async function drill(run: string, forgotten?: string) {
  const { bootstrapServers } = broker;
  const step = pipeline(".7", forgotten);
  const collector = new Collector(probe, { engines: [], stack: "test", bootstrapServers, topics, run, log });
  const sender = new Sender({
    bootstrapServers,
    acks: "all",
    run,
    probe,
    lanes,
    rate: 50,
    onFailure: () => {},
  });
  const fromMs = Date.now();
  try {
    await step.ready;
    await collector.begin();
    const stop = new AbortController();
    const sending = sender.send(stop.signal);
    await waitFor("40 messages", async () => (sender.sent.length >= 40 ? true : undefined), {
      timeoutMs: 60_000,
    });
    stop.abort();
    await sending;
    await sender.close(30_000);
    const there = sender.sent.length - (forgotten === undefined ? 1 : 2);
    return await waitFor(
      "what comes of them",
      async () => {
        const ends = (await collector.ends()) ?? [];
        const out = new Set(ends[1]?.arrivals.map(({ seq }) => seq));
        if (out.size < there || collector.dead.length === 0) return undefined;
        const { sent } = sender;
        const probes = [{ topic: "in", lanes, sent, dead: collector.dead, ends }];
        return { run, fromMs, toMs: Date.now(), faults: [], probes };
      },
      { timeoutMs: 60_000 },
    );
  } finally {
    await collector.close();
    await step.close();
    await sender.close(0);
  }
}

describe("a sender and its collector", () => {
  it("find every message again, in order, and the one that was refused among the dead letters", async () => {
    const { probes, ...record } = await drill("drill-a");
    expect(probes[0]?.dead).toEqual([{ seq: 7, reason: "refused" }]);
    expect(probes[0]?.sent.every(({ ackedMs }) => ackedMs !== undefined)).toBe(true);
    const verdict = judge({ ...record, probes }, 1000);
    expect(verdict.problems).toEqual([]);
    expect(verdict.probes[0]?.ends.map(({ name }) => name)).toEqual(["topic in", "topic out"]);
  });

  it("miss the one that a pipeline has acknowledged to Kafka and forgotten", async () => {
    const { problems } = judge(await drill("drill-b", ".11"), 1000);
    expect(problems).toEqual(["in: 1 acknowledged messages are not in topic out (11)"]);
  });
});
