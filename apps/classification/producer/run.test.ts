import { describe, expect, it } from "vitest";
import { Health } from "../../common/health.ts";
import { createHttpServer } from "../../common/http.ts";
import type { OutgoingMessage } from "../../common/kafka-message.ts";
import { createMetrics } from "../../common/metrics.ts";
import { PIXELS, putRecord, RECORD_BYTES } from "../dataset/format.ts";
import { datasetOf } from "./dataset.ts";
import { type Latencies, latencyRoute } from "./latencies.ts";
import { Run } from "./run.ts";

/** Until what was sent has been answered. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function runWith(send: (message: OutgoingMessage) => Promise<void>, changed: { timeoutMs?: number } = {}) {
  const records = new Uint8Array(2 * RECORD_BYTES);
  for (const index of [0, 1])
    putRecord(records, index, { coarse: 0, fine: index, planes: new Uint8Array(3 * PIXELS) });
  const metrics = createMetrics("test");
  const { size, image } = datasetOf(records, ["apple", "bear"], "test.bin");
  const encoded: number[] = [];
  const dataset = {
    size,
    image: (index: number) => {
      encoded.push(index);
      return image(index);
    },
  };
  const limits = { timeoutMs: 60_000, maxInFlight: 10, samplesKept: 3, ...changed };
  const run = new Run({
    name: "producer-1",
    devices: 3,
    resultsPartition: 4,
    dataset,
    metrics,
    send,
    ...limits,
  });
  const counted = async (name: string) => {
    const { values } = (await metrics.registry.getSingleMetric(`producer_images_${name}_total`)?.get()) ?? {
      values: [],
    };
    return values[0]?.value;
  };
  return { run, metrics, counted, encoded };
}

/** What a classifier would answer. */
function answer(message: OutgoingMessage | undefined) {
  const headers = message?.headers ?? {};
  const top = [{ label: headers.label, score: 1 }];
  const { id, producer, label } = headers;
  const times = {
    scheduledUs: Number(headers["scheduled-us"]),
    sentUs: Number(headers["sent-us"]),
    pickedUs: 5,
  };
  const rest = { model: "m", top, inferenceMs: 1, batch: 1 };
  const result = {
    id,
    producer,
    label,
    device: Number(headers.device),
    seq: Number(headers.seq),
    ...times,
    ...rest,
  };
  return { key: Buffer.from(String(id)), value: Buffer.from(JSON.stringify(result)) };
}

describe("Run", () => {
  it("sends images with the headers of the contract, devices taking turns, and ids that name run and image", async () => {
    const sent: OutgoingMessage[] = [];
    const { run } = runWith(async (message) => void sent.push(message));
    for (const seq of [0, 1, 2, 3]) await run.send(seq, 1000 + seq);
    expect(sent.map(({ headers }) => headers?.device)).toEqual(["0", "1", "2", "0"]);
    expect(sent.map(({ headers }) => headers?.["scheduled-us"])).toEqual(["1000", "1001", "1002", "1003"]);
    expect(new Set(sent.map(({ headers }) => headers?.label))).toEqual(new Set(["apple", "bear"]));
    expect(sent[3]).toMatchObject({
      topic: "images",
      key: `${run.idPrefix}3`,
      headers: { id: `${run.idPrefix}3`, "results-partition": "4" },
    });
    expect(run.idPrefix).toMatch(/^producer-1\.[0-9a-z]+\.$/);
  });

  it("has the next image encoded before it is due, and encodes another one when that is skipped", async () => {
    const sent: OutgoingMessage[] = [];
    const { run, encoded } = runWith(async (message) => void sent.push(message));
    await run.send(0, 1000);
    expect(encoded).toHaveLength(2);
    for (const seq of [1, 5, 6]) await run.send(seq, 1000 + seq);
    const [first, second, fifth, sixth] = sent.map(({ headers }) => headers?.label);
    expect([fifth, sixth]).toEqual([second, first]);
    expect(encoded).toHaveLength(6);
  });

  it("measures what comes back, counts repeats and passes over results of others", async () => {
    const sent: OutgoingMessage[] = [];
    const { run, counted } = runWith(async (message) => void sent.push(message));
    await run.send(0, 1000);
    const { key, value } = answer(sent[0]);
    run.take(Buffer.from("producer-2.x.0"), Buffer.from("not even JSON"));
    run.take(key, value);
    run.take(key, value);
    run.take(Buffer.from(`${run.idPrefix}9`), Buffer.from("{"));
    expect(run.samples.since(0).items).toMatchObject([
      { seq: 0, scheduledUs: 1000, pickedUs: 5, outcome: "received", resultBytes: value.length },
    ]);
    expect(run.matcher.inFlight).toBe(0);
    expect(await counted("received")).toBe(1);
    expect(await counted("correct")).toBe(1);
    expect(await counted("unexpected")).toBe(1);
    expect(await counted("unreadable")).toBe(1);
  });

  it("frees the place of an image that could not be sent and counts it", async () => {
    const { run, counted } = runWith(async () => Promise.reject(new Error("buffer full")));
    await run.send(0, 1000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(run.matcher.inFlight).toBe(0);
    expect(await counted("failed")).toBe(1);
    expect(run.samples.since(0).items).toMatchObject([{ seq: 0, outcome: "failed", receivedUs: null }]);
  });
});

describe("a run's health", () => {
  it("says why Kafka does not take images until it takes one, whatever has counted as lost by then", async () => {
    let refuse = true;
    const { run, counted } = runWith(async () => {
      if (refuse) throw new Error("buffer full");
    });
    expect(run.sendingProblem(10_000)).toBeUndefined();
    await run.send(0, 1000);
    await settled();
    expect(run.sendingProblem(10_000)).toBe("Kafka does not take images: buffer full");
    refuse = false;
    await run.send(1, 1000);
    await settled();
    expect(run.sendingProblem(10_000)).toBeUndefined();
    expect(await counted("failed")).toBe(1);
  });

  it("notices an image that Kafka never acknowledges, though it has counted as lost", async () => {
    const { run } = runWith(() => new Promise(() => {}), { timeoutMs: 0 });
    await run.send(0, 1000);
    run.expire();
    expect(run.counts.lost).toBe(1);
    expect(run.sendingProblem(0)).toMatch(/not acknowledged an image for 0 s/);
  });

  it("measures a late result, and counts an image that fails after it was lost once only", async () => {
    const sent: OutgoingMessage[] = [];
    const failing = Promise.withResolvers<void>();
    const { run } = runWith((message) => (sent.push(message) === 1 ? Promise.resolve() : failing.promise), {
      timeoutMs: 0,
    });
    await run.send(0, 1000);
    await run.send(1, 1000);
    run.expire();
    const { key, value } = answer(sent[0]);
    run.take(key, value);
    failing.reject(new Error("gone"));
    await settled();
    expect(run.samples.since(0).items.map(({ seq, outcome }) => [seq, outcome])).toEqual([
      [0, "lost"],
      [1, "lost"],
      [0, "late"],
    ]);
    expect(run.counts).toMatchObject({ sent: 2, received: 0, lost: 2, late: 1, failed: 0 });
  });
});

describe("GET /latencies", () => {
  it("gives the samples kept, from where, and where to go on", async () => {
    const sent: OutgoingMessage[] = [];
    const { run, metrics } = runWith(async (message) => void sent.push(message));
    const server = createHttpServer({ health: new Health(), metrics });
    const settings = { perSecond: 10, arrivals: "poisson", devices: 3, resultTimeoutMs: 60_000 } as const;
    latencyRoute(server, "producer-1", () => run, settings);
    for (const seq of [0, 1, 2]) await run.send(seq, 1000);
    run.skipped(3, 1500);
    for (const message of sent) {
      const { key, value } = answer(message);
      run.take(key, value);
    }
    const body = (await server.inject("/latencies?since=0")).json<Latencies>();
    expect([body.producer, body.run, body.from, body.next]).toEqual(["producer-1", run.idPrefix, 1, 4]);
    expect(body.settings).toEqual({ ...settings, seed: run.seed });
    expect(body.nowUs).toBeGreaterThan(body.samples[0]?.receivedUs ?? Number.POSITIVE_INFINITY);
    expect(body.samples.map(({ seq, outcome }) => [seq, outcome])).toEqual([
      [0, "received"],
      [1, "received"],
      [2, "received"],
    ]);
    expect(body.counts).toMatchObject({ sent: 3, acknowledged: 3, received: 3, lost: 0, late: 0, failed: 0 });
    expect((await server.inject("/latencies?since=4")).json<Latencies>().samples).toEqual([]);
    expect((await server.inject("/latencies?since=-1")).statusCode).toBe(400);
  });
});
