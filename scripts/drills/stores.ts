import { fillIn, type ProbeEnd } from "../../lib/probe.ts";
import type { LabEngine } from "../lab/access.ts";
import { labContainers } from "../lab/docker.ts";
import { query } from "../lab/queries.ts";
import { PROJECT } from "../stack/stack.ts";
import { attempt } from "../toolchain/run.ts";
import { numberOf } from "./reader.ts";
import type { Arrival } from "./records.ts";

export type StoreEnd = Exclude<ProbeEnd, { kind: "topic" }>;

export interface StoreOptions {
  readonly engines: readonly LabEngine[];
  readonly stack: string;
  readonly run: string;
}

/** What of a run is in a store; undefined while it cannot be asked. */
export function readStore(end: StoreEnd, options: StoreOptions): Promise<Arrival[] | undefined> {
  return end.kind === "table" ? readTable(end, options) : readFiles(end, options);
}

const identifier = /^[a-z_]+(\.[a-z_]+)?$/;

async function readTable(
  { table, idColumn, timeColumn }: Extract<StoreEnd, { kind: "table" }>,
  { engines, run }: StoreOptions,
): Promise<Arrival[] | undefined> {
  for (const name of [table, idColumn, timeColumn]) {
    if (!identifier.test(name)) throw new Error(`${name} is no name in a database`);
  }
  const rows = await query<{ id: string; ms: number }>(
    engines,
    `SELECT ${idColumn} AS id, extract(epoch FROM ${timeColumn}) * 1000 AS ms FROM ${table} WHERE ${idColumn} LIKE '${run}.%'`,
  );
  return rows?.flatMap(({ id, ms }) => {
    const seq = numberOf(run, id);
    return seq === undefined ? [] : [{ seq, atMs: ms }];
  });
}

async function readFiles(
  { service, path, number }: Extract<StoreEnd, { kind: "files" }>,
  { engines, stack, run }: StoreOptions,
): Promise<Arrival[] | undefined> {
  const name = `${PROJECT}-${stack}-${service}`;
  const container = (await labContainers(engines)).find((one) => one.name === name);
  if (container === undefined) return undefined;
  const pattern = fillIn(path, { run });
  const [root = "/"] = pattern.match(/^\/[^/*]+/) ?? [];
  const args = ["exec", name, "find", root, "-path", pattern, "-printf", "%T@ %p\\n"];
  const result = await attempt("docker", args, { env: container.engine.env, timeout: 60_000 });
  return result.failed ? undefined : filesOf(result.stdout, new RegExp(number));
}

/** Numbers and times of files, from lines `<seconds> <path>`; what has no number is passed over. */
export function filesOf(text: string, number: RegExp): Arrival[] {
  return text.split("\n").flatMap((line) => {
    const [, seconds, path = ""] = /^(\S+) (.*)$/.exec(line) ?? [];
    const seq = number.exec(path)?.[1];
    return seq === undefined ? [] : [{ seq: Number(seq), atMs: Number(seconds) * 1000 }];
  });
}

/**
 * What is in a store, and what was there before and has gone by its retention, which takes the oldest first. Whatever
 * else was there and is not any more has been lost.
 *
 * The oldest is that which was sent first or that which came first, as a store has it: frames that waited for a broker are
 * files that are new, of a time that is not.
 */
export function withForgotten(there: readonly Arrival[], before: readonly Arrival[]): Arrival[] {
  if (there.length === 0) return [];
  const least = (of: (arrival: Arrival) => number) =>
    there.reduce((soFar, arrival) => Math.min(soFar, of(arrival)), Number.POSITIVE_INFINITY);
  const [firstSeq, oldestMs] = [least(({ seq }) => seq), least(({ atMs }) => atMs)];
  const known = new Set(there.map(({ seq }) => seq));
  const isOlder = ({ seq, atMs }: Arrival) => seq < firstSeq || atMs <= oldestMs;
  return [...before.filter((arrival) => !known.has(arrival.seq) && isOlder(arrival)), ...there];
}
