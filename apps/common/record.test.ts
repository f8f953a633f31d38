import { describe, expect, it } from "vitest";
import { type KafkaMessage, PoisonError } from "./kafka-message.ts";
import { createMetrics } from "./metrics.ts";
import { recordBatch, recorderMetrics } from "./record.ts";

function message(text: string): KafkaMessage {
  const value = Buffer.from(text);
  return { topic: "t", partition: 0, offset: 0n, timestampMs: 0, key: undefined, value, headers: new Map() };
}

const toRow = ({ value }: KafkaMessage) => {
  if (String(value) === "bad") throw new PoisonError("no id");
  return String(value);
};

describe("recordBatch", () => {
  it("stores what can be stored in one go, rejects the rest and counts what was there already", async () => {
    const metrics = createMetrics("test");
    const known = new Set(["a"]);
    const store = async (rows: readonly string[]) => {
      const before = known.size;
      for (const row of rows) known.add(row);
      return known.size - before;
    };
    const record = recordBatch("images", toRow, store, recorderMetrics(metrics));
    const rejections = await record(["a", "bad", "b"].map(message));
    expect(rejections.map(({ reason }) => reason)).toEqual(["no id"]);
    expect([...known]).toEqual(["a", "b"]);
    const text = await metrics.registry.metrics();
    expect(text).toContain('recorder_rows_inserted_total{table="images",app="test"} 1');
    expect(text).toContain('recorder_duplicates_total{table="images",app="test"} 1');
  });

  it("does not ask the database for nothing", async () => {
    const store = async () => Promise.reject(new Error("must not be called"));
    const record = recordBatch("images", toRow, store, recorderMetrics(createMetrics("test")));
    expect(await record([message("bad")])).toHaveLength(1);
  });
});
