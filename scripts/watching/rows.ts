import { type KafkaStanding, stopsWithout } from "../../lib/kafka-standing.ts";

/** `red` is what health ends with 1 for; `warning` is worth knowing. */
export type Level = "ok" | "warning" | "red";

/** One thing that was looked at. */
export interface Row {
  readonly what: string;
  readonly level: Level;
  /** What was seen, for people. */
  readonly seen: string;
  /** The likely cause, of what is not ok. */
  readonly cause?: string;
  /** The command that mends it or shows more. */
  readonly fix?: string;
}

/** What alerts go by: limits of the systems that the lab stands for. */
export const limits = {
  /** Messages that a consumer group may be behind on a topic. */
  lag: 1000,
  /** Share of a disk, percent. */
  diskPercent: 80,
  /** How long Kafka may take to answer, ms. */
  networkMs: 100,
  /** How far a host's clock may be from this machine's, ms. */
  clockMs: 1000,
} as const;

/**
 * Which hosts Kafka cannot go on without, as things are.
 *
 * @param away hosts that do not answer
 * @returns nothing of a lab on one machine
 */
export function lossRows(
  standing: KafkaStanding | undefined,
  hosts: readonly string[],
  away: readonly string[],
): Row[] {
  if (standing === undefined || hosts.length < 2) return [];
  const living = hosts.filter((host) => !away.includes(host));
  const needed = living.flatMap((host) => {
    const why = stopsWithout(standing, host, away);
    return why === undefined ? [] : [`${host} (with it, ${why} would be gone)`];
  });
  const what = "loss of a host";
  if (needed.length === 0) return [{ what, level: "ok", seen: "Kafka goes on without any one of them" }];
  const seen = `Kafka stops without ${needed.join(", and without ")}`;
  if (away.length === 0) return [{ what, level: "ok", seen }];
  const cause = `${away.join(", ")} is away already`;
  return [{ what, level: "warning", seen, cause, fix: "see docs/hosts.md, A dead host" }];
}

export interface ContainerState {
  readonly name: string;
  readonly host: string;
  readonly state: string;
  readonly health: string;
  readonly exitCode: number;
  readonly lastCheck: string;
}

/**
 * @param expected names of all containers of the plan
 * @returns a row for each that is not as it should be, or one for all of them
 */
export function containerRows(
  expected: readonly string[],
  found: readonly ContainerState[],
  stack: string,
): Row[] {
  const byName = new Map(found.map((container) => [container.name, container]));
  const rows = expected.flatMap((name) => containerRow(name, byName.get(name), stack));
  return rows.some(({ level }) => level === "red")
    ? rows
    : [{ what: "containers", level: "ok", seen: `all ${expected.length} healthy` }, ...rows];
}

function containerRow(name: string, container: ContainerState | undefined, stack: string): Row[] {
  const red = (seen: string, cause: string, fix: string): Row[] => [
    { what: name, level: "red", seen, cause, fix },
  ];
  if (container === undefined) return red("not there", "it was removed by hand", `./scripts/up ${stack}`);
  const { state, health, exitCode, lastCheck, host } = container;
  const logs = host === "local" ? `docker logs ${name}` : `docker logs ${name}   # on ${host}`;
  if (state === "restarting") return red("restarts again and again", "it fails at its start", logs);
  if (state === "paused") return red("paused", "somebody paused it", `docker unpause ${name}`);
  if (state !== "running") {
    const seen = `${state}, exit code ${exitCode}`;
    return red(seen, "it was stopped, or its machine was off", `./scripts/start ${stack}`);
  }
  const [said = ""] = lastCheck.trim().split("\n");
  if (health === "unhealthy") return red(said || "unhealthy", "its health check says why", logs);
  if (health === "starting")
    return [{ what: name, level: "warning", seen: "starting", cause: "it was started just now" }];
  return said === "" ? [] : [{ what: name, level: "warning", seen: said, cause: "not of the lab itself" }];
}

/** @param answer partitions that are behind and how long Kafka took to say so, or why it does not say so */
export function kafkaRows(
  answer: { readonly behind: readonly string[]; readonly ms: number } | { readonly problem: string },
  topics: number,
  stack: string,
): Row[] {
  if ("problem" in answer) {
    const cause = "too few brokers run, or the way to them is cut";
    return [{ what: "Kafka", level: "red", seen: answer.problem, cause, fix: `./scripts/start ${stack}` }];
  }
  const { behind, ms } = answer;
  const replicas: Row =
    behind.length === 0
      ? { what: "replicas", level: "ok", seen: `in sync on all ${topics} topics` }
      : {
          what: "replicas",
          level: "red",
          seen: `${behind.length} partitions lack some: ${behind.slice(0, 3).join(", ")}${behind.length > 3 ? ", …" : ""}`,
          cause: "a broker is down, or was and catches up",
          fix: `./scripts/up ${stack}`,
        };
  const network: Row =
    ms <= limits.networkMs
      ? { what: "network", level: "ok", seen: `Kafka answers in ${ms.toFixed(0)} ms` }
      : {
          what: "network",
          level: "red",
          seen: `Kafka answers in ${ms.toFixed(0)} ms, more than ${limits.networkMs}`,
          cause: "the network, or machines without processor time to spare",
          fix: "docker stats --no-stream",
        };
  return [replicas, network];
}

/** How far a group is behind on a topic. */
export interface Lag {
  readonly service: string;
  readonly group: string;
  readonly topic: string;
  /** Messages, over all partitions. */
  readonly messages: number;
}

export function lagRows(lags: readonly Lag[], nameOf: (service: string) => string): Row[] {
  const red = lags
    .filter(({ messages }) => messages > limits.lag)
    .map(({ service, group, topic, messages }) => ({
      what: `lag of ${group}`,
      level: "red" as const,
      seen: `${messages} messages of ${topic}, more than ${limits.lag}`,
      cause: "it is slower than what is sent, or stands still",
      fix: `docker logs ${nameOf(service)}`,
    }));
  const most = Math.max(0, ...lags.map(({ messages }) => messages));
  return red.length > 0
    ? red
    : [{ what: "lag", level: "ok", seen: `${most} messages at most, of ${lags.length} groups` }];
}

/** A counter of a service, seen twice. */
export interface Rate {
  readonly service: string;
  readonly counter: string;
  /** A second; undefined when the service does not answer. */
  readonly perSecond: number | undefined;
  /** What it should be at least. */
  readonly least: number;
}

export function rateRows(rates: readonly Rate[], nameOf: (service: string) => string): Row[] {
  return rates.map(({ service, counter, perSecond, least }) => {
    const what = `rate of ${service}`;
    const fix = `docker logs ${nameOf(service)}`;
    if (perSecond === undefined) {
      return { what, level: "red", seen: "does not answer", cause: "it is down, or starting", fix };
    }
    const seen = `${counter} ${perSecond.toFixed(1)}/s`;
    if (perSecond >= least) return { what, level: "ok", seen };
    const cause = "its source is gone or slow, or Kafka does not take more";
    return { what, level: "red", seen: `${seen}, less than ${least.toFixed(1)}`, cause, fix };
  });
}

/** @param usedPercent of the disk that Docker is on; undefined when it could not be asked */
export function diskRow(host: string, usedPercent: number | undefined): Row {
  const what = `disk of ${host}`;
  if (usedPercent === undefined) return { what, level: "warning", seen: "could not be asked" };
  const seen = `${usedPercent.toFixed(0)} % used`;
  if (usedPercent <= limits.diskPercent) return { what, level: "ok", seen };
  const cause = "recordings, topics or images; Docker's own share is";
  return {
    what,
    level: "red",
    seen: `${seen}, more than ${limits.diskPercent}`,
    cause,
    fix: "docker system df",
  };
}

export function clockRow(host: string, offsetMs: number): Row {
  const what = `clock of ${host}`;
  const seen = `${offsetMs < 0 ? "−" : "+"}${Math.abs(offsetMs).toFixed(0)} ms`;
  if (Math.abs(offsetMs) <= limits.clockMs) return { what, level: "ok", seen };
  return {
    what,
    level: "warning",
    seen,
    cause: "nothing keeps it: times between hosts are off by as much",
    fix: `sudo timedatectl set-ntp true   # on ${host}`,
  };
}
