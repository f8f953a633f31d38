import { describe, expect, it } from "vitest";
import type { RawConsumer } from "./consumer-records.ts";
import { gather } from "./fetch-patience.ts";
import { kafkaTuning } from "./kafka-tuning.ts";

type Asked = { node: number; minBytes: number; maxWaitTime: number };
type Answer = (error: Error | null, response: unknown) => void;

/** A consumer whose brokers answer by hand. */
function brokers() {
  const asked: Asked[] = [];
  let answer: Answer = () => {};
  const consumer = {
    fetch: (options: Asked, callback: Answer) => {
      asked.push(options);
      answer = callback;
    },
  };
  gather(consumer as unknown as RawConsumer, { minBytes: 1000, maxWaitMs: 100 });
  const ask = (node: number) => {
    let answered: unknown[] = [];
    consumer.fetch({ node, minBytes: 1000, maxWaitTime: 100 }, (...args) => {
      answered = args;
    });
    const answerWith = (...args: Parameters<Answer>) => {
      answer(...args);
      return answered;
    };
    return { last: asked.at(-1), with: answerWith };
  };
  return { ask };
}

const response = (records: unknown[] | null) => ({
  responses: [{ partitions: [{ records: null }, { records }] }],
});

describe("gather", () => {
  const seldom = { minBytes: 1, maxWaitTime: kafkaTuning.fetchMaxWaitMs };
  const gathered = { minBytes: 1000, maxWaitTime: 100 };

  it("asks a broker for its first byte until it has messages, and lets more gather from then on", () => {
    const { ask } = brokers();
    const idle = ask(1);
    expect(idle.last).toMatchObject(seldom);
    const answer = response([{}]);
    expect(idle.with(null, answer)).toEqual([null, answer]);
    expect(ask(1).last).toMatchObject(gathered);
    expect(ask(2).last, "another broker").toMatchObject(seldom);
  });

  it.each([
    ["nothing", null, response(null)],
    ["an empty list", null, response([])],
    ["an error", new Error("gone"), undefined],
  ])("asks seldom again after %s", (_what, error, answer) => {
    const { ask } = brokers();
    ask(1).with(null, response([{}]));
    expect(ask(1).with(error, answer)).toEqual([error, answer]);
    expect(ask(1).last).toMatchObject(seldom);
  });
});
