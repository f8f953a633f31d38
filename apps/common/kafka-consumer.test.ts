import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Producer } from "@platformatic/kafka";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSession } from "./consumer-client.ts";
import { createProducer, type KafkaMessage, type KafkaProducer } from "./kafka.ts";
import { type KafkaAdmin, openAdmin } from "./kafka-admin.ts";
import { createLogger } from "./logging.ts";
import { waitFor } from "./retry.ts";
import { startBroker, type TestBroker } from "./testing/broker.ts";
import { noting } from "./testing/consumer.ts";

const timeoutMs = 50_000;
/** Far longer than any test: what is committed then is committed for another reason than time. */
const neverMs = 3_600_000;
const partitions = 4;

let broker: TestBroker;
let admin: KafkaAdmin;
let producer: KafkaProducer;
/** Messages sent so far, by topic. */
const sent = new Map<string, number>();

beforeAll(async () => {
  broker = await startBroker();
  admin = await openAdmin({ ...broker, clientId: "test" });
  producer = createProducer({ ...broker, clientId: "test" });
}, 300_000);

afterAll(async () => {
  await producer?.close();
  await admin?.close();
  await broker?.close();
});

/** A topic of its own for a test, with its group. */
async function freshTopic(topic: string, config: Record<string, string> = {}) {
  const spec = { name: topic, partitions, replication: 1, config };
  await admin.createTopic(spec);
  await admin.awaitTopic(spec, timeoutMs);
  return { ...broker, topic, groupId: `${topic}-group` };
}

/** Sends messages to every partition. */
async function send(topic: string, count: number): Promise<void> {
  const first = sent.get(topic) ?? 0;
  sent.set(topic, first + count);
  const keys = Array.from({ length: count }, (_, i) => String(first + i));
  await Promise.all(keys.map((key) => producer.send({ topic, key, value: "x" })));
}

const until = (what: string, isSo: () => boolean | Promise<boolean>) =>
  waitFor(what, async () => ((await isSo()) ? true : undefined), { timeoutMs, everyMs: 20 });

/** What the group would read again, and what it has not read: messages beyond its commits. */
async function uncommitted({ groupId, topic }: { groupId: string; topic: string }): Promise<number> {
  const lag = await admin.lag(groupId, topic);
  return lag.reduce((sum, partition) => sum + Number(partition.lag), 0);
}

describe("consumeBatches", () => {
  it("commits by time, off the messages' way", async () => {
    const at = await freshTopic("by-time");
    const consumer = noting({ ...at, commitEveryMs: 200 });
    await consumer.ready;
    await send(at.topic, 50);
    await until("all to be handled", () => consumer.handled.length === 50);
    await until("all to be committed", async () => (await uncommitted(at)) === 0);
    await consumer.end();
  });

  it("commits what is handled when it ends, so that nothing comes again", async () => {
    const at = await freshTopic("orderly-end");
    const first = noting({ ...at, commitEveryMs: neverMs });
    await first.ready;
    await send(at.topic, 50);
    await until("all to be handled", () => first.handled.length === 50);
    expect(await uncommitted(at)).toBe(50);
    await first.end();
    expect(await uncommitted(at)).toBe(0);

    const second = noting(at);
    await second.ready;
    await send(at.topic, 10);
    await until("the new ones to be handled", () => second.handled.length >= 10);
    await second.end();
    expect(new Set([...first.handled, ...second.handled]).size).toBe(60);
    expect(second.handled).toHaveLength(10);
  });

  it("commits before its partitions go to another member, which begins where the first one ended", async () => {
    const at = await freshTopic("rebalance");
    const first = noting({ ...at, commitEveryMs: neverMs });
    await first.ready;
    await send(at.topic, 80);
    await until("all to be handled", () => first.handled.length === 80);
    const second = noting({ ...at, commitEveryMs: neverMs });
    await second.ready;
    await until("the second member to get work", async () => {
      await send(at.topic, 8);
      return second.handled.length > 0;
    });
    await until(
      "all to be handled",
      () => first.handled.length + second.handled.length >= (sent.get(at.topic) ?? 0),
    );
    await Promise.all([first.end(), second.end()]);
    const all = [...first.handled, ...second.handled];
    expect(new Set(all).size).toBe(all.length);
  });

  it("loses nothing in a crash, and repeats only what was not committed", async () => {
    const at = await freshTopic("crash");
    const child = spawn(process.execPath, [
      join(import.meta.dirname, "testing/consume-until-killed.ts"),
      at.bootstrapServers.join(","),
      at.topic,
      at.groupId,
    ]);
    const before: string[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => before.push(line));
    await until("a commit while messages go on", async () => {
      await send(at.topic, 5);
      const lags = await admin.lag(at.groupId, at.topic);
      return lags.some(({ committed }) => committed !== null);
    });
    await kill(child);
    const committed = new Map(
      (await admin.lag(at.groupId, at.topic)).map((lag) => [lag.partition, lag.committed ?? 0n]),
    );
    const ends = (await admin.lag(at.groupId, at.topic)).map(({ end }) => Number(end));
    const second = noting(at);
    const all = () => new Set([...before, ...second.handled]);
    const total = ends.reduce((sum, end) => sum + end, 0);
    await until("all to be handled", () => all().size === total);
    await second.end();
    const tooEarly = second.handled.filter((place) => {
      const [partition, offset] = place.split(":");
      return BigInt(offset ?? 0) < (committed.get(Number(partition)) ?? 0n);
    });
    expect(tooEarly).toEqual([]);
  });

  it("refuses a message at the third try when the process ended over it twice, and loses no other", async () => {
    const at = await freshTopic("deadly");
    await freshTopic("deadly.dlq");
    const values = ["a", "b", "deadly", "c", "d"];
    for (const value of values) await producer.send({ topic: at.topic, key: "k", value });
    const folder = await mkdtemp(join(tmpdir(), "edgelab-attempts-"));
    const handled: string[] = [];
    const run = async () => {
      const child = spawn(process.execPath, [
        join(import.meta.dirname, "testing/consume-until-killed.ts"),
        ...[at.bootstrapServers.join(","), at.topic, at.groupId, folder],
      ]);
      let ended = false;
      child.once("exit", () => {
        ended = true;
      });
      createInterface({ input: child.stdout }).on("line", (line) => handled.push(line));
      await until(
        "the process to end, or all to be done",
        async () => ended || (await uncommitted(at)) === 0,
      );
      if (ended) return true;
      await kill(child);
      return false;
    };
    let deaths = 0;
    while (await run()) deaths += 1;
    await rm(folder, { recursive: true });
    expect(deaths).toBe(2);
    expect(new Set(handled).size).toBe(4);
    const letters = (await admin.lag(at.groupId, "deadly.dlq")).reduce(
      (sum, { end }) => sum + Number(end),
      0,
    );
    expect(letters).toBe(1);
    // The group waits for each member that died until its session has ended.
  }, 180_000);

  it.each(["gzip", "snappy", "lz4", "zstd"] as const)(
    "refuses a %s batch that comes to too much whole, unread, and goes on with what is around it",
    async (compression) => {
      const at = await freshTopic(`bomb-${compression}`);
      await freshTopic(`bomb-${compression}.dlq`);
      const sender = new Producer({ clientId: "test", bootstrapBrokers: [...at.bootstrapServers] });
      const sendBatch = (values: Buffer[]) =>
        sender.send({
          compression,
          messages: values.map((value) => ({ topic: at.topic, key: Buffer.from("k"), value, partition: 0 })),
        });
      const small = [Buffer.from("a"), Buffer.from("b")];
      // As much as the least of these compressions brings below a megabyte.
      const bomb = Array.from({ length: 3 }, () => Buffer.alloc(6 * 1024 * 1024));
      for (const values of [small, bomb, small, bomb, small]) await sendBatch(values);
      await sender.close();
      const sizes: number[] = [];
      const onBatch = async (messages: readonly KafkaMessage[]) => {
        sizes.push(...messages.map(({ value }) => value?.length ?? 0));
        return [];
      };
      const consumer = noting({ ...at, onBatch });
      await until("all to be done", async () => (await uncommitted(at)) === 0 && sizes.length >= 6);
      await consumer.end();
      expect(sizes).toEqual([1, 1, 1, 1, 1, 1]);
      expect(consumer.handled).toEqual(["0:0", "0:1", "0:5", "0:6", "0:10", "0:11"]);
      const letters = await admin.lag(at.groupId, `${at.topic}.dlq`);
      expect(letters.reduce((sum, { end }) => sum + Number(end), 0)).toBe(2);
    },
  );

  it("rejects a message whose output no topic takes, and goes on with the others", async () => {
    const at = await freshTopic("output");
    await freshTopic("output.dlq", { "max.message.bytes": "65536" });
    await freshTopic("small", { "max.message.bytes": "65536" });
    // Of its own: what is sent together with something that is refused is sent again, and the messages that come in
    // must be these five.
    const outputs = createProducer({ ...broker, clientId: "outputs" });
    const onBatch = async (messages: readonly KafkaMessage[]) => {
      const values = messages.map(({ value }) => value ?? Buffer.alloc(0));
      await Promise.all(
        values.map((value) => outputs.send({ topic: "small", value: value.toString("hex") })),
      );
      return [];
    };
    const consumer = noting({ ...at, onBatch });
    await consumer.ready;
    const sizes = [10, 60_000, 20, 200_000, 30];
    // One after the other, so that none is in a group that the large ones could hold up.
    for (const size of sizes) await producer.send({ topic: at.topic, key: "k", value: Buffer.alloc(size) });
    const stored = async (topic: string) =>
      (await admin.lag(at.groupId, topic)).reduce((sum, { end }) => sum + Number(end), 0);
    await until("all to be committed", async () => (await uncommitted(at)) === 0);
    expect(new Set(consumer.handled).size).toBe(3);
    // What is in one batch with an output that is refused is handled once more.
    expect(await stored("small")).toBeGreaterThanOrEqual(3);
    expect(await stored("output.dlq")).toBe(2);
    await outputs.close();
    await consumer.end();
  });

  it("reads the one partition that it is told to, to which messages are sent by its number", async () => {
    const at = await freshTopic("one-partition");
    const consumer = noting({ ...at, partition: partitions + 2 });
    await consumer.ready;
    await send(at.topic, 20);
    // Numbers beyond the topic's partitions begin anew, for senders and readers alike.
    for (const partition of [2, partitions + 2]) {
      await producer.send({ topic: at.topic, key: "another", partition, value: "x" });
    }
    const ends = async () => (await admin.lag(at.groupId, at.topic)).map(({ end }) => Number(end));
    const expected = (await ends())[2];
    await until("all of that partition", () => consumer.handled.length === expected);
    await consumer.end();
    expect(new Set(consumer.handled.map((each) => each.split(":")[0]))).toEqual(new Set(["2"]));
    expect((await ends()).reduce((sum, end) => sum + end, 0)).toBe(22);
  });

  it("lets messages gather when it is told to", async () => {
    const at = await freshTopic("gathered");
    const sizes: number[] = [];
    const onBatch = async (messages: readonly KafkaMessage[]) => {
      sizes.push(messages.length);
      return [];
    };
    const consumer = noting({ ...at, partition: 0, minBytes: 100_000, maxWaitMs: 2000, onBatch });
    await consumer.ready;
    for (let i = 0; i < 20; i += 1) {
      await producer.send({ topic: at.topic, partition: 0, value: Buffer.alloc(6000) });
    }
    await until("all to be handled", () => consumer.handled.length === 20);
    await consumer.end();
    // The first comes at once, as nothing was there before; what comes after it waits for more.
    expect(sizes[0]).toBe(1);
    expect(sizes.length).toBeLessThanOrEqual(4);
  });

  it("holds no more of a backlog than its bytes allow, however many messages may wait", async () => {
    const at = await freshTopic("backlog");
    const value = Buffer.alloc(50_000);
    // Each in a batch of its own: brokers never return less than a whole one.
    for (let i = 0; i < 60; i += 1) await producer.send({ topic: at.topic, key: String(i), value });
    const maxBytes = 200_000;
    const session = await openSession({
      ...at,
      clientId: "test",
      autoOffsetReset: "earliest",
      skipBacklog: false,
      maxBatch: 1000,
      maxBytes,
      sessionTimeoutMs: 6000,
      heartbeatIntervalMs: 100,
      log: createLogger({ app: "test", level: "fatal", environment: "test" }),
      signal: new AbortController().signal,
      onLag: () => {},
    });
    let taken = 0;
    let most = 0;
    while (taken < 60) {
      taken += (await session.next(1))?.length ?? 0;
      // Time for the client to read ahead as far as it will.
      let before = -1;
      await until("the client to read no more", () => {
        const same = session.backlogBytes === before;
        before = session.backlogBytes;
        return same;
      });
      most = Math.max(most, session.backlogBytes);
    }
    await session.close();
    expect(most).toBeGreaterThan(maxBytes / 2);
    expect(most).toBeLessThanOrEqual(2 * maxBytes + value.length);
  });
});

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
