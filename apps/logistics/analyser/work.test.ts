import { describe, expect, it } from "vitest";
import type { KafkaMessage, OutgoingMessage } from "../../common/kafka-message.ts";
import type { ForecastDocument } from "./documents.ts";
import { forecastAt } from "./model/forecast.ts";
import { someModel } from "./testing/models.ts";
import { analyseBatch, type Counts } from "./work.ts";

const model = someModel();
const message = (value: unknown): KafkaMessage => ({
  topic: "Image",
  partition: 0,
  offset: 0n,
  timestampMs: 0,
  key: undefined,
  value: Buffer.from(typeof value === "string" ? value : JSON.stringify(value)),
  headers: new Map(),
});
const reading = (ts: string, sensor = "s") =>
  message({ ts, sensor, value: 1, id: `${sensor}/${ts}`, other: 7 });

/** What a batch comes to, with a store and a topic in memory. */
function open({ store: storing }: { store?: () => Promise<never> } = {}) {
  const documents = new Map<string, ForecastDocument>();
  const sent: OutgoingMessage[] = [];
  const counts: Counts[] = [];
  const seen: [string, number][] = [];
  const handle = analyseBatch({
    models: { of: (sensor) => (sensor === "unknown" ? undefined : model) },
    see: (sensor, timeMs) => seen.push([sensor, timeMs]),
    topic: "analytics_results",
    store: async (made) => {
      await storing?.();
      const fresh = made.filter(({ _id }) => !documents.has(_id));
      for (const document of fresh) documents.set(document._id, document);
      return fresh.length;
    },
    send: async (outgoing) => {
      sent.push(outgoing);
    },
    count: (one) => counts.push(one),
    now: () => Date.UTC(2026, 10, 22),
  });
  return { handle, documents, sent, counts, seen };
}

describe("a batch of readings", () => {
  it("becomes forecasts of exactly these members in this order, for the readings' times in UTC", async () => {
    const { handle, sent } = open();
    await handle([reading("2026-01-12T03:00:00+02:00")]);
    const timeMs = Date.UTC(2026, 0, 12, 1);
    const { yhat, lower, upper } = forecastAt(model, timeMs);
    expect(sent).toEqual([
      {
        topic: "analytics_results",
        key: "s",
        value: `{"ds":"2026-01-12T01:00:00.000Z","yhat":${yhat},"yhat_lower":${lower},"yhat_upper":${upper},"sensor":"s"}`,
      },
    ]);
  });

  it("has each forecast in the store once, however often its reading comes", async () => {
    const { handle, documents, sent, counts } = open();
    const batch = [reading("2026-01-12T01:00:00Z"), reading("2026-01-12T01:00:00.5Z")];
    await handle(batch);
    await handle([...batch, reading("2026-01-12T03:00:00+02:00"), reading("2026-01-12T01:00:00Z", "t")]);
    expect([...documents.keys()]).toEqual([
      "s/2026-01-12T01:00:00.000Z",
      "s/2026-01-12T01:00:00.500Z",
      "t/2026-01-12T01:00:00.000Z",
    ]);
    expect(documents.get("t/2026-01-12T01:00:00.000Z")).toMatchObject({
      ds: new Date("2026-01-12T01:00:00Z"),
      madeAt: new Date("2026-11-22T00:00:00Z"),
      model: { historyTo: new Date(model.card.history.to) },
    });
    expect(sent).toHaveLength(6);
    expect(counts).toEqual([
      { forecast: 2, unmodelled: 0, repeated: 0 },
      { forecast: 4, unmodelled: 0, repeated: 3 },
    ]);
  });

  it("refuses what is no reading, with the reason, and forecasts the rest", async () => {
    const { handle, sent } = open();
    const bad = [
      ["NaN", /^not JSON/],
      [{ ts: "yesterday", sensor: "s", value: 1, id: "1" }, /^reading: ts: is no time in ISO 8601/],
      [{ ts: "2026-01-12T01:00:00Z", sensor: "", value: 1, id: "1" }, /^reading: sensor: /],
      [{ ts: "2026-01-12T01:00:00Z", value: 1, id: "1" }, /^reading: sensor: /],
    ] as const;
    const rejections = await handle([
      ...bad.map(([value]) => message(value)),
      reading("2026-01-12T01:00:00Z"),
    ]);
    expect(rejections.map(({ reason }) => reason)).toEqual(
      bad.map(([, reason]) => expect.stringMatching(reason)),
    );
    expect(sent).toHaveLength(1);
  });

  it("counts readings whose sensor has no model, and tells of them so that it gets one", async () => {
    const { handle, sent, counts, seen } = open();
    expect(await handle([reading("2026-01-12T01:00:00Z", "unknown")])).toEqual([]);
    expect([sent, counts]).toEqual([[], [{ forecast: 0, unmodelled: 1, repeated: 0 }]]);
    expect(seen).toEqual([["unknown", Date.UTC(2026, 0, 12, 1)]]);
  });

  it("is not done when its forecasts cannot be stored", async () => {
    const { handle, counts } = open({ store: () => Promise.reject(new Error("the store is away")) });
    await expect(handle([reading("2026-01-12T01:00:00Z")])).rejects.toThrow("the store is away");
    expect(counts).toEqual([]);
  });
});
