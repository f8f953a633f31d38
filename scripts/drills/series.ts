import type { DrillRecord, EndRecord, ProbeRecord } from "./records.ts";

/** What went on with the messages of one topic, second by second from the beginning of the drill. */
export interface Series {
  readonly topic: string;
  /** Acknowledged in each second. */
  readonly acked: readonly number[];
  /** Come to the slowest end in each second. */
  readonly arrived: readonly number[];
  /** Acknowledged and not yet at the slowest end, at the end of each second. */
  readonly lag: readonly number[];
}

/** Rates and lags of a drill; of several ends, that counts at which messages were waited for longest in all. */
export function seriesOf({
  fromMs,
  toMs,
  probes,
}: Pick<DrillRecord, "fromMs" | "toMs" | "probes">): Series[] {
  const seconds = Math.max(1, Math.ceil((toMs - fromMs) / 1000));
  return probes.map((probe) => {
    const candidates = probe.ends.map((end) => ofEnd(probe, end, fromMs, seconds));
    const waited = ({ lag }: Series) => lag.reduce((sum, messages) => sum + messages, 0);
    const [slowest] = candidates.toSorted((a, b) => waited(b) - waited(a));
    return slowest ?? { topic: probe.topic, acked: [], arrived: [], lag: [] };
  });
}

function ofEnd(
  { topic, sent }: ProbeRecord,
  { arrivals }: EndRecord,
  fromMs: number,
  seconds: number,
): Series {
  const first = new Map<number, number>();
  for (const { seq, atMs } of arrivals) first.set(seq, Math.min(atMs, first.get(seq) ?? atMs));
  const acks = sent.flatMap(({ seq, ackedMs }) => (ackedMs === undefined ? [] : [{ seq, ackedMs }]));
  const count = (times: readonly number[]) => {
    const counts = Array.from({ length: seconds }, () => 0);
    for (const time of times) {
      const at = Math.min(seconds - 1, Math.max(0, Math.floor((time - fromMs) / 1000)));
      counts[at] = (counts[at] ?? 0) + 1;
    }
    return counts;
  };
  const acked = count(acks.map(({ ackedMs }) => ackedMs));
  const there = acks.flatMap(({ seq, ackedMs }) => {
    const atMs = first.get(seq);
    // Something can be there before its sender hears of it; it does not wait then.
    return atMs === undefined ? [] : [Math.max(atMs, ackedMs)];
  });
  const arrived = count(there);
  let waiting = 0;
  const lag = acked.map((taken, second) => {
    waiting += taken - (arrived[second] ?? 0);
    return waiting;
  });
  return { topic, acked, arrived, lag };
}
