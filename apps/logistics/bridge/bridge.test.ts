import { describe, expect, it } from "vitest";
import type { Documents, Identified } from "../../common/documents.ts";
import type { OutgoingMessage } from "../../common/kafka-message.ts";
import { fieldsSchema } from "../contract.ts";
import { type BridgeOptions, bridge } from "./bridge.ts";

const nowMs = Date.UTC(2026, 0, 5, 12);

/** A bridge between what is told, with what became of it. */
function bridged(more: Partial<BridgeOptions> = {}) {
  const stored = new Map<string, string[]>();
  const sent: OutgoingMessage[] = [];
  const told: string[] = [];
  const documents: Pick<Documents, "insertNew"> = {
    insertNew: async <D extends Identified>(collection: string, items: readonly D[]) => {
      const there = stored.get(collection) ?? [];
      const fresh = items.map(({ _id }) => _id).filter((id) => !there.includes(id));
      stored.set(collection, [...there, ...fresh]);
      return fresh.length;
    },
  };
  const onMessage = bridge({
    topic: "Image",
    fields: fieldsSchema.parse({}),
    lateMs: 3600_000,
    aheadMs: 60_000,
    documents,
    send: async (message) => void sent.push(message),
    onBridged: () => told.push("bridged"),
    onRefused: (refusal) => told.push(refusal),
    onDuplicates: (count) => told.push(`${count} again`),
    now: () => nowMs,
    ...more,
  });
  return { onMessage, stored, sent, told };
}

const reading = (id: string) => ({
  topic: "Image/1/gate",
  payload: Buffer.from(JSON.stringify({ players: 1, ts: new Date(nowMs).toISOString(), id })),
});

describe("bridge", () => {
  it("is done when both have the message, and has it once when it comes again", async () => {
    const { onMessage, stored, sent, told } = bridged();
    await onMessage(reading("a"));
    await Promise.all([onMessage(reading("a")), onMessage(reading("b")), onMessage(reading("b"))]);
    expect(stored).toEqual(
      new Map([
        ["raw", ["a", "b"]],
        ["readings", ["a", "b"]],
      ]),
    );
    expect(sent.map(({ topic, key }) => `${topic} ${key}`)).toEqual(Array(4).fill("Image gate"));
    expect(told.filter((one) => one === "bridged")).toHaveLength(4);
  });

  it.each(["documents", "Kafka"])("is not done when %s has failed", async (which) => {
    const fail = async () => {
      throw new Error("not now");
    };
    const { onMessage, told } = bridged(
      which === "Kafka" ? { send: fail } : { documents: { insertNew: fail } },
    );
    await expect(onMessage(reading("a"))).rejects.toThrow("not now");
    expect(told).not.toContain("bridged");
  });

  it("has a dead letter for what is no reading, with its beginning where it is large", async () => {
    const { onMessage, stored, sent, told } = bridged();
    const payload = Buffer.alloc(10_000_000, "x");
    await onMessage({ topic: "Image/1/gate", payload });
    await onMessage({ topic: "Image/1/gate", payload: Buffer.from("{") });
    expect(told).toEqual(["size", "json"]);
    expect(stored.size).toBe(0);
    const [large, small] = sent;
    expect(large?.topic).toBe("Image.dlq");
    expect(large?.headers).toMatchObject({ "dlq-truncated": "true", "dlq-size": "10000000" });
    expect(large?.value).toEqual(payload.subarray(0, 32 * 1024));
    expect(small?.headers).toEqual({
      "dlq-reason": expect.stringMatching(/^not JSON/),
      "dlq-topic": "Image/1/gate",
    });
  });

  it("is not done when its dead letter is not in Kafka", async () => {
    const { onMessage, told } = bridged({
      send: async () => {
        throw new Error("not now");
      },
    });
    await expect(onMessage({ topic: "Image/1/gate", payload: Buffer.from("{") })).rejects.toThrow("not now");
    expect(told).toEqual([]);
  });
});
