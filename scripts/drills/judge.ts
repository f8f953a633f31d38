import type { Arrival, DrillRecord, EndRecord, FaultRecord, ProbeRecord, Sent } from "./records.ts";

/** What became of the messages at one place. */
export interface EndVerdict {
  readonly name: string;
  /** Different messages that are there. */
  readonly arrived: number;
  /** Acknowledged, and neither there nor among the dead letters: their numbers. */
  readonly lost: readonly number[];
  /** There more than once: so many too many. */
  readonly repeated: number;
  /** Whether a message may be there more than once. */
  readonly repeats: boolean;
  /** First came after one of the same key that was sent later: their numbers. */
  readonly disordered: readonly number[];
}

export interface ProbeVerdict {
  readonly topic: string;
  readonly sent: number;
  readonly acked: number;
  readonly dead: number;
  readonly ends: readonly EndVerdict[];
}

/** How long it took from the beginning of a fault, ms, by what was sent after that; of the slowest key. */
export interface Recovery {
  readonly topic: string;
  /** Undefined when a key had none. */
  readonly firstAckMs: number | undefined;
  /** At the slowest end. */
  readonly firstResultMs: number | undefined;
}

export interface FaultVerdict extends FaultRecord {
  readonly recoveries: readonly Recovery[];
  /** What stood still for longer than the limit after the fault was over. */
  readonly stalled: readonly string[];
}

export interface Verdict {
  readonly probes: readonly ProbeVerdict[];
  readonly faults: readonly FaultVerdict[];
  /** What is wrong, for people; none means that the drill was passed. */
  readonly problems: readonly string[];
}

/** @param limitMs for how long anything may stand still once a fault is over */
export function judge(drill: DrillRecord, limitMs: number): Verdict {
  const probes = drill.probes.map(judgeProbe);
  const faults = drill.faults.map((fault) => judgeFault(fault, drill.probes, limitMs));
  return {
    probes,
    faults,
    problems: [
      ...probes.flatMap(problemsOf),
      ...faults.flatMap(({ name, stalled, problem }) => [
        ...stalled.map((what) => `after ${name}: ${what}`),
        ...(problem === undefined ? [] : [`${name}: ${problem}`]),
      ]),
    ],
  };
}

function judgeProbe({ topic, sent, dead, ends }: ProbeRecord): ProbeVerdict {
  const acked = sent.filter(({ ackedMs }) => ackedMs !== undefined);
  const buried = new Set(dead.map(({ seq }) => seq));
  const lanes = new Map(sent.map(({ seq, lane }) => [seq, lane]));
  return {
    topic,
    sent: sent.length,
    acked: acked.length,
    dead: buried.size,
    ends: ends.map((end) => {
      const there = new Set(end.arrivals.map(({ seq }) => seq));
      return {
        name: end.name,
        arrived: there.size,
        lost: acked.map(({ seq }) => seq).filter((seq) => !there.has(seq) && !buried.has(seq)),
        repeated: end.arrivals.length - there.size,
        repeats: end.repeats,
        disordered: end.ordered ? disordered(end.arrivals, lanes) : [],
      };
    }),
  };
}

/** Messages whose first arrival follows that of a later one of their lane. What is sent again keeps its first place. */
function disordered(arrivals: readonly Arrival[], lanes: ReadonlyMap<number, number>): number[] {
  const seen = new Set<number>();
  const last = new Map<number, number>();
  const found: number[] = [];
  for (const { seq } of arrivals) {
    const lane = lanes.get(seq);
    if (lane === undefined || seen.has(seq)) continue;
    seen.add(seq);
    if (seq < (last.get(lane) ?? -1)) found.push(seq);
    else last.set(lane, seq);
  }
  return found;
}

function problemsOf({ topic, acked, ends }: ProbeVerdict): string[] {
  return [
    ...(acked === 0 ? [`${topic}: nothing was acknowledged`] : []),
    ...ends.flatMap(({ name, lost, repeated, repeats, disordered }) => [
      ...(lost.length === 0
        ? []
        : [`${topic}: ${lost.length} acknowledged messages are not in ${name} (${some(lost)})`]),
      ...(repeats || repeated === 0 ? [] : [`${topic}: ${repeated} messages are in ${name} twice`]),
      ...(disordered.length === 0
        ? []
        : [
            `${topic}: ${disordered.length} messages are in ${name} behind later ones of their key (${some(disordered)})`,
          ]),
    ]),
  ];
}

const shown = 5;
const some = (seqs: readonly number[]): string =>
  `${seqs.slice(0, shown).join(", ")}${seqs.length > shown ? ", …" : ""}`;

function judgeFault(fault: FaultRecord, probes: readonly ProbeRecord[], limitMs: number): FaultVerdict {
  const { fromMs, toMs, wholeMs } = fault;
  const afterMs = toMs - fromMs + limitMs;
  const late = (ms: number | undefined) => ms === undefined || ms > afterMs;
  const judged = probes.map((probe) => {
    const sent = probe.sent.filter(({ sentMs }) => sentMs >= fromMs);
    const firstAckMs = slowestLane(probe.lanes, sent, ({ ackedMs }) => ackedMs, fromMs);
    const ends = probe.ends.map((end) => ({ end, ms: firstArrival(probe, end, sent, fromMs) }));
    const slowest = ends.some(({ ms }) => ms === undefined)
      ? undefined
      : Math.max(...ends.map(({ ms }) => ms ?? 0));
    return {
      recovery: { topic: probe.topic, firstAckMs, firstResultMs: slowest },
      stalled: [
        ...(late(firstAckMs) ? [`${probe.topic} took no message${within(firstAckMs)}`] : []),
        ...ends
          .filter(({ ms }) => late(ms))
          .map(({ end, ms }) => `of ${probe.topic}, nothing came to ${end.name}${within(ms)}`),
      ],
    };
  });
  return {
    ...fault,
    recoveries: judged.map(({ recovery }) => recovery),
    stalled: [
      ...judged.flatMap(({ stalled }) => stalled),
      ...(wholeMs === undefined ? ["not all containers were healthy and all replicas in sync"] : []),
    ],
  };
}

const within = (ms: number | undefined) =>
  ms === undefined ? " any more" : ` for ${(ms / 1000).toFixed(1)} s`;

function firstArrival(
  { lanes, dead }: ProbeRecord,
  { arrivals }: EndRecord,
  sent: readonly Sent[],
  fromMs: number,
): number | undefined {
  const buried = new Set(dead.map(({ seq }) => seq));
  const first = new Map<number, number>();
  for (const { seq, atMs } of arrivals) first.set(seq, Math.min(atMs, first.get(seq) ?? atMs));
  const expected = sent.filter(({ seq, ackedMs }) => ackedMs !== undefined && !buried.has(seq));
  return slowestLane(lanes, expected, ({ seq }) => first.get(seq), fromMs);
}

/** When the last of the lanes had its first, ms after `fromMs`; undefined when one of them had none. */
function slowestLane(
  lanes: number,
  sent: readonly Sent[],
  timeOf: (message: Sent) => number | undefined,
  fromMs: number,
): number | undefined {
  const first = new Map<number, number>();
  for (const message of sent) {
    const time = timeOf(message);
    if (time !== undefined) first.set(message.lane, Math.min(time, first.get(message.lane) ?? time));
  }
  return first.size < lanes ? undefined : Math.max(...first.values()) - fromMs;
}
