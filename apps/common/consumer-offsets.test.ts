import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OffsetCommitter, type Position } from "./consumer-offsets.ts";

/** A committer over a coordinator that answers when it is told to, in a group that the test sets. */
function committer() {
  const group = { held: [0, 1], ready: true };
  const sent: Position[][] = [];
  const answers: PromiseWithResolvers<void>[] = [];
  const errors: unknown[] = [];
  const offsets = new OffsetCommitter({
    topic: "t",
    commit: (positions) => {
      sent.push(positions);
      const answer = Promise.withResolvers<void>();
      answers.push(answer);
      return answer.promise;
    },
    held: () => group.held,
    ready: () => group.ready,
    onError: (error) => errors.push(error),
    everyMs: 1000,
    mostMessages: 10,
  });
  const answer = async () => {
    for (const waiting of answers.splice(0)) waiting.resolve();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { offsets, group, sent, answers, errors, answer };
}

const at = (partition: number, offset: number) => ({ partition, offset: BigInt(offset) });
const brief = (positions: readonly Position[] | undefined) =>
  positions?.map(({ partition, offset }) => [partition, Number(offset)]);

describe("OffsetCommitter", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("commits the batches of a second at once, and nothing when nothing came", async () => {
    const { offsets, sent, answer } = committer();
    offsets.handled([at(0, 5), at(1, 7)]);
    offsets.handled([at(0, 6)]);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent.map(brief)).toEqual([
      [
        [0, 7],
        [1, 8],
      ],
    ]);
    await answer();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not wait for the time when many messages were handled", async () => {
    const { offsets, sent } = committer();
    offsets.handled(Array.from({ length: 10 }, (_, i) => at(0, i)));
    expect(sent.map(brief)).toEqual([[[0, 10]]]);
  });

  it("has one commit under way at a time, and commits afterwards what came meanwhile", async () => {
    const { offsets, sent, answer } = committer();
    offsets.handled([at(0, 1)]);
    await vi.advanceTimersByTimeAsync(1000);
    offsets.handled(Array.from({ length: 20 }, (_, i) => at(0, 2 + i)));
    await vi.advanceTimersByTimeAsync(5000);
    expect(sent).toHaveLength(1);
    await answer();
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent.map(brief)).toEqual([[[0, 2]], [[0, 22]]]);
  });

  it("commits at once when a rebalance begins, even with a commit under way", async () => {
    const { offsets, group, sent } = committer();
    offsets.handled([at(0, 1)]);
    await vi.advanceTimersByTimeAsync(1000);
    offsets.handled([at(0, 2)]);
    group.ready = false;
    offsets.rebalancing();
    expect(sent.map(brief)).toEqual([[[0, 2]], [[0, 3]]]);
  });

  it("waits while the member joins, and then commits only for partitions that it still holds", async () => {
    const { offsets, group, sent } = committer();
    group.ready = false;
    offsets.handled([at(0, 1), at(1, 1)]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(sent).toEqual([]);
    Object.assign(group, { ready: true, held: [1] });
    offsets.joined();
    expect(sent.map(brief)).toEqual([[[1, 2]]]);
  });

  it("takes lost partitions out of a commit that may be repeated under the new generation", async () => {
    const { offsets, group, sent } = committer();
    offsets.handled([at(0, 1), at(1, 1)]);
    await vi.advanceTimersByTimeAsync(1000);
    group.held = [1];
    offsets.joined();
    expect(brief(sent[0])).toEqual([[1, 2]]);
  });

  it("flushes everything handled, after what is under way", async () => {
    const { offsets, sent, answer } = committer();
    offsets.handled([at(0, 1)]);
    await vi.advanceTimersByTimeAsync(1000);
    offsets.handled([at(0, 2)]);
    let flushed = false;
    const flush = offsets.flush().then(() => {
      flushed = true;
    });
    await answer();
    expect(sent.map(brief)).toEqual([[[0, 2]], [[0, 3]]]);
    expect(flushed).toBe(false);
    await answer();
    await flush;
    expect(vi.getTimerCount()).toBe(0);
  });

  it("tells of a commit that failed", async () => {
    const { offsets, answers, errors } = committer();
    offsets.handled([at(0, 1)]);
    await vi.advanceTimersByTimeAsync(1000);
    answers[0]?.reject(new Error("no coordinator"));
    await vi.advanceTimersByTimeAsync(0);
    expect(errors.map(String)).toEqual(["Error: no coordinator"]);
  });
});
