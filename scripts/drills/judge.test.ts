import { describe, expect, it } from "vitest";
import { judge } from "./judge.ts";
import type { Arrival, DrillRecord, EndRecord, FaultRecord, Sent } from "./records.ts";
import { seriesOf } from "./series.ts";

/** Two lanes, a message every 100 ms, each acknowledged after 10 ms. */
const sent: readonly Sent[] = Array.from({ length: 100 }, (_, seq) => ({
  seq,
  lane: seq % 2,
  sentMs: seq * 100,
  ackedMs: seq * 100 + 10,
}));
const all: readonly Arrival[] = sent.map(({ seq, sentMs }) => ({ seq, atMs: sentMs + 50 }));
const end = (arrivals: readonly Arrival[], more: Partial<EndRecord> = {}): EndRecord => ({
  name: "topic t",
  ordered: true,
  repeats: true,
  arrivals,
  ...more,
});
const fault = (more: Partial<FaultRecord> = {}): FaultRecord => ({
  kind: "crash",
  name: "crash of kafka broker",
  containers: ["kafka-0"],
  fromMs: 2000,
  toMs: 2000,
  wholeMs: 3000,
  problem: undefined,
  ...more,
});
const drill = (
  ends: readonly EndRecord[],
  {
    faults = [],
    given = sent,
    dead = [] as number[],
  }: { faults?: FaultRecord[]; given?: readonly Sent[]; dead?: number[] } = {},
): DrillRecord => ({
  run: "drill-1",
  fromMs: 0,
  toMs: 10_000,
  faults,
  probes: [{ topic: "t", lanes: 2, sent: given, dead: dead.map((seq) => ({ seq, reason: "r" })), ends }],
});

describe("judge", () => {
  it("passes what arrived everywhere, in order, and in a store once", () => {
    const { problems, probes } = judge(drill([end(all), end(all, { repeats: false })]), 1000);
    expect(problems).toEqual([]);
    expect(probes[0]).toMatchObject({ sent: 100, acked: 100, dead: 0 });
  });

  it("finds what was acknowledged and is missing at one of the ends, unless it is a dead letter", () => {
    const without = all.filter(({ seq }) => seq !== 7 && seq !== 8);
    const { problems } = judge(drill([end(all), end(without, { name: "table x" })], { dead: [8] }), 1000);
    expect(problems).toEqual(["t: 1 acknowledged messages are not in table x (7)"]);
  });

  it("does not ask for what Kafka never acknowledged", () => {
    const given = sent.map((one) => (one.seq === 7 ? { ...one, ackedMs: undefined } : one));
    expect(judge(drill([end(all.filter(({ seq }) => seq !== 7))], { given }), 1000).problems).toEqual([]);
  });

  it("takes a message twice in a topic, and not in a store", () => {
    const twice = [...all, ...all.slice(-1)];
    expect(judge(drill([end(twice)]), 1000).problems).toEqual([]);
    expect(judge(drill([end(twice, { repeats: false })]), 1000).problems).toEqual([
      "t: 1 messages are in topic t twice",
    ]);
  });

  it("finds what came behind a later one of its key, not what came again", () => {
    const [first, second, third, ...rest] = all;
    if (first === undefined || second === undefined || third === undefined) throw new Error("too few");
    // 0 and 2 are of one lane, 1 of the other.
    expect(judge(drill([end([second, first, third, ...rest])]), 1000).problems).toEqual([]);
    expect(judge(drill([end([...all, first])]), 1000).problems).toEqual([]);
    const { problems } = judge(drill([end([third, second, first, ...rest])]), 1000);
    expect(problems).toEqual(["t: 1 messages are in topic t behind later ones of their key (0)"]);
  });

  it("measures from the beginning of a fault to the first of the slowest key", () => {
    // One lane has no acknowledgement between the fault and 5 s later.
    const given = sent.map((one) =>
      one.lane === 1 && one.sentMs >= 2000 ? { ...one, ackedMs: Math.max(one.sentMs, 7000) } : one,
    );
    const late = given.map(({ seq, ackedMs }) => ({ seq, atMs: (ackedMs ?? 0) + 500 }));
    const record = drill([end(late)], { given, faults: [fault()] });
    const [verdict] = judge(record, 10_000).faults;
    expect(verdict?.recoveries).toEqual([{ topic: "t", firstAckMs: 5000, firstResultMs: 5500 }]);
    expect(judge(record, 10_000).problems).toEqual([]);
    expect(judge(record, 4000).problems).toEqual([
      "after crash of kafka broker: t took no message for 5.0 s",
      "after crash of kafka broker: of t, nothing came to topic t for 5.5 s",
    ]);
  });

  it("gives a fault its own time before it asks for anything", () => {
    const given = sent.map((one) =>
      one.sentMs >= 2000 ? { ...one, ackedMs: Math.max(one.sentMs, 7000) } : one,
    );
    const late = given.map(({ seq, ackedMs }) => ({ seq, atMs: ackedMs ?? 0 }));
    const lasting = fault({ toMs: 6500 });
    expect(judge(drill([end(late)], { given, faults: [lasting] }), 1000).problems).toEqual([]);
  });

  it("says what stood still for good, was not whole in time or could not be done", () => {
    const given = sent.map((one) => (one.sentMs >= 2000 ? { ...one, ackedMs: undefined } : one));
    const faults = [fault({ wholeMs: undefined, problem: "no such container" })];
    const { problems } = judge(drill([end(all.slice(0, 20))], { given, faults }), 1000);
    expect(problems).toEqual([
      "after crash of kafka broker: t took no message any more",
      "after crash of kafka broker: of t, nothing came to topic t any more",
      "after crash of kafka broker: not all containers were healthy and all replicas in sync",
      "crash of kafka broker: no such container",
    ]);
  });
});

describe("seriesOf", () => {
  it("counts second by second, and the lag at the end that is waited for longest", () => {
    const late = sent.map(({ seq, sentMs }) => ({ seq, atMs: sentMs + 2000 }));
    const [series] = seriesOf(drill([end(all), end(late, { name: "table x" })]));
    expect(series?.acked).toEqual(Array.from({ length: 10 }, () => 10));
    expect(series?.arrived.slice(0, 4)).toEqual([0, 0, 10, 10]);
    expect(series?.lag.slice(0, 4)).toEqual([10, 20, 20, 20]);
  });
});
