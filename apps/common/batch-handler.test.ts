import { describe, expect, it } from "vitest";
import { handleBatch } from "./batch-handler.ts";
import { type KafkaMessage, PoisonError } from "./kafka-message.ts";

const fast = { baseMs: 1, capMs: 1 };

function message(text: string): KafkaMessage {
  const value = Buffer.from(text);
  return { topic: "t", partition: 0, offset: 0n, timestampMs: 0, key: undefined, value, headers: new Map() };
}

const texts = (messages: readonly KafkaMessage[]) => messages.map(({ value }) => String(value));

describe("handleBatch", () => {
  it("handles the whole batch again until it succeeds", async () => {
    const seen: string[][] = [];
    const handle = async (messages: readonly KafkaMessage[]) => {
      seen.push(texts(messages));
      if (seen.length < 3) throw new Error("database gone");
      return [];
    };
    expect(await handleBatch([message("a"), message("b")], handle, fast)).toEqual([]);
    expect(seen).toEqual([
      ["a", "b"],
      ["a", "b"],
      ["a", "b"],
    ]);
  });

  it("singles out what poisons a batch and handles everything else", async () => {
    const done: string[] = [];
    const handle = async (messages: readonly KafkaMessage[]) => {
      if (texts(messages).includes("bad")) throw new PoisonError("not an image");
      done.push(...texts(messages));
      return [];
    };
    const rejections = await handleBatch([message("a"), message("bad"), message("c")], handle, fast);
    expect(done).toEqual(["a", "c"]);
    expect(rejections.map(({ message: { value }, reason }) => [String(value), reason])).toEqual([
      ["bad", "not an image"],
    ]);
  });

  it("keeps what the handler rejects by itself", async () => {
    const bad = message("bad");
    const handle = async () => [{ message: bad, reason: "no id" }];
    expect(await handleBatch([message("a"), bad], handle, fast)).toEqual([{ message: bad, reason: "no id" }]);
  });

  it("stops trying when aborted, without rejecting anything", async () => {
    const abort = new AbortController();
    const handle = async () => {
      abort.abort(new Error("ending"));
      throw new Error("database gone");
    };
    await expect(handleBatch([message("a")], handle, { ...fast, signal: abort.signal })).rejects.toThrow(
      "ending",
    );
  });
});
