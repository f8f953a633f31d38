import type { ClockOffset } from "../../lib/ssh/clock.ts";

/** The clock that an app stamps its times with, against that of the process that measures. */
export interface AppClock extends ClockOffset {
  /** Its container's name within the lab. */
  readonly app: string;
  /** Undefined where the lab is on the machine that measures. */
  readonly host: string | undefined;
}

/**
 * How far one app's clock is ahead of another's, µs. Each app stamps with a clock that is set when it starts and only runs
 * on from then. On one machine these are the same, unless the machine's clock was set between the starts; a difference
 * that asking cannot tell from none is taken for none there.
 */
export function aheadUs(one: AppClock, other: AppClock): number {
  const ms = one.offsetMs - other.offsetMs;
  const sure = one.host !== other.host || Math.abs(ms) > one.uncertaintyMs + other.uncertaintyMs;
  return sure ? ms * 1000 : 0;
}

/** What a reader has to know of the clocks behind the figures. */
export function describeClocks(clocks: readonly AppClock[]): string {
  const own = "each latency is of one producer's own clock";
  const [first] = clocks;
  const apart = clocks.filter((clock) => first !== undefined && aheadUs(clock, first) !== 0);
  const hosts = new Set(clocks.map(({ host }) => host));
  if (hosts.size <= 1 && apart.length === 0) return `all containers on one machine share its clock; ${own}`;
  const list = clocks.map(({ app, host, offsetMs, uncertaintyMs }) => {
    const where = host === undefined ? app : `${app} on ${host}`;
    return `${where} ${signed(offsetMs)} ± ${uncertaintyMs.toFixed(1)} ms`;
  });
  return (
    `${own}; the stages between a producer and a classifier whose clocks differ rest on both, which were compared with ` +
    `this machine's all along, by what the apps answered: ${list.join(", ")}`
  );
}

function signed(ms: number): string {
  return `${ms < 0 ? "−" : "+"}${Math.abs(ms).toFixed(1)}`;
}
