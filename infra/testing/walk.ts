import { Random } from "../../apps/common/random.ts";
import { brokerName } from "../../lib/kafka-nodes.ts";
import { parseConfig, planLab } from "../pipelines/all.ts";
import { dataName } from "../plan/data-names.ts";
import { controllerCount } from "../plan/kafka.ts";
import { type PlacedBefore, placementsOf } from "../plan/placement.ts";
import { holdsData } from "../plan/services.ts";

/** One thing that happens to a lab on hosts. */
export type Step =
  /** The host loses its power. */
  | { readonly kind: "kill"; readonly host: string }
  /** It has it again, with all that was on its disk. */
  | { readonly kind: "back"; readonly host: string }
  /** Config leaves it out, and gives up the data on it, which brokers elsewhere have as well. */
  | { readonly kind: "leave-out"; readonly host: string; readonly discard: readonly string[] }
  | { readonly kind: "add"; readonly host: string }
  | { readonly kind: "scale"; readonly key: ScaledKey; readonly value: number }
  /**
   * An update. `whole`: it succeeds, and the lab is whole afterwards. `same`: it has nothing to change either. `harmless`:
   * a host of the config is dead, so that it may fail, but makes nothing worse.
   */
  | { readonly kind: "up"; readonly expect: "whole" | "same" | "harmless" };

export type ScaledKey = "producers" | "classification.classifiers";

export interface WalkOptions {
  readonly seed: number;
  readonly steps: number;
  /** All hosts there are; those of the config at first. */
  readonly hosts: readonly string[];
  /** How many of them the config has at first. */
  readonly listed: number;
}

/** What a walk has come to. */
interface Place {
  /** Hosts of the config, in order. */
  readonly listed: readonly string[];
  readonly dead: string | undefined;
  readonly sizes: Readonly<Record<ScaledKey, number>>;
  readonly discard: readonly string[];
  /** Where services are since the last update. */
  readonly placed: PlacedBefore;
  /** What has happened since then: hosts of the config changed, other keys changed, a host was dead. */
  readonly since: { readonly hosts: boolean; readonly config: boolean; readonly dead: boolean };
}

/** Services that have data, which are the same wherever they are. */
const keepers = planLab(parseConfig({})).services.filter(holdsData);
const controllers = Array.from(
  { length: controllerCount(keepers.filter(({ role }) => role === "broker").length) },
  (_, id) => brokerName(id),
);

const most: Readonly<Record<ScaledKey, number>> = { producers: 3, "classification.classifiers": 2 };
const calm = { hosts: false, config: false, dead: false } as const;

/** The config of a lab on these hosts, but for how they are logged in to. */
export function configAt(
  listed: readonly string[],
  sizes: Readonly<Record<ScaledKey, number>>,
  discard: readonly string[],
): Record<string, string> {
  return {
    target: "ssh",
    "ssh.hosts": JSON.stringify(listed.map((name, index) => ({ name, address: `10.0.0.${index + 1}` }))),
    ...Object.fromEntries(Object.entries(sizes).map(([key, size]) => [key, String(size)])),
    discardData: JSON.stringify(discard),
  };
}

/**
 * A walk of seeded steps: the same seed is the same walk. Every step is one that an operator may take: one host is dead at
 * a time, hosts of the config change one by one with an update in between, and no host is left out that more than half of
 * Kafka's controllers, or data that are nowhere else, are on. It ends with all hosts of the config alive and an update.
 */
export function walk({ seed, steps, hosts, listed }: WalkOptions): Step[] {
  const random = new Random(seed);
  let place = start(hosts.slice(0, listed));
  const taken: Step[] = [];
  for (let number = 0; number < steps; number += 1) {
    const possible = legal(place, hosts);
    // Each kind is as likely as another, however many hosts it could be done to.
    const kinds = [...new Set(possible.map(({ kind }) => kind))];
    const kind = kinds[random.below(kinds.length)];
    const same = possible.filter((step) => step.kind === kind);
    const step = same[random.below(same.length)];
    if (step === undefined) throw new Error("an update is always possible");
    taken.push(step);
    place = after(place, step);
  }
  if (place.dead !== undefined && place.listed.includes(place.dead)) {
    const back: Step = { kind: "back", host: place.dead };
    taken.push(back);
    place = after(place, back);
  }
  return [...taken, up(place)];
}

function start(listed: readonly string[]): Place {
  const sizes = { producers: 1, "classification.classifiers": 1 };
  return {
    listed,
    dead: undefined,
    sizes,
    discard: [],
    placed: placedAt(listed, sizes, [], new Map()),
    since: calm,
  };
}

/** @throws ConfigError when the lab's own rules refuse it */
function placedAt(
  listed: readonly string[],
  sizes: Place["sizes"],
  discard: readonly string[],
  before: PlacedBefore,
): PlacedBefore {
  const config = parseConfig(configAt(listed, sizes, discard), { before });
  return placementsOf(planLab(config, before));
}

/** Every step that may be taken here. */
export function legal(place: Place, hosts: readonly string[]): Step[] {
  const { listed, dead, sizes, since } = place;
  const living = listed.filter((host) => host !== dead);
  const scaled = (Object.keys(most) as ScaledKey[]).flatMap((key) =>
    Array.from({ length: most[key] }, (_, index) => index + 1)
      .filter((value) => value !== sizes[key])
      .map((value): Step => ({ kind: "scale", key, value })),
  );
  const isSettled = !since.hosts && !since.config;
  const kills = dead === undefined && isSettled ? living.map((host): Step => ({ kind: "kill", host })) : [];
  const backs: Step[] = dead === undefined ? [] : [{ kind: "back", host: dead }];
  const mayLeave =
    since.hosts || listed.length === 1 ? [] : dead !== undefined && listed.includes(dead) ? [dead] : living;
  const leaves =
    dead !== undefined && !listed.includes(dead) ? [] : mayLeave.flatMap((host) => leaveOut(place, host));
  const canJoin = !since.hosts && (dead === undefined || !listed.includes(dead));
  const adds = hosts
    .filter((host) => canJoin && host !== dead && !listed.includes(host))
    .map((host): Step => ({ kind: "add", host }));
  return [...kills, ...backs, ...leaves, ...adds, ...(dead === undefined ? scaled : []), up(place)];
}

function leaveOut({ placed }: Place, host: string): Step[] {
  const there = keepers.filter(({ name }) => placed.get(name) === host);
  const voters = there.filter(({ name }) => controllers.includes(name)).length;
  if (there.some(({ role }) => role !== "broker") || voters * 2 >= controllers.length) return [];
  return [{ kind: "leave-out", host, discard: there.map(({ name }) => dataName(name, host)) }];
}

function up({ listed, dead, since }: Place): Step {
  if (dead !== undefined && listed.includes(dead)) return { kind: "up", expect: "harmless" };
  return { kind: "up", expect: since.hosts || since.config || since.dead ? "whole" : "same" };
}

/** Where a step leads. */
export function after(place: Place, step: Step): Place {
  const { listed, sizes, since } = place;
  switch (step.kind) {
    case "kill":
      return { ...place, dead: step.host, since: { ...since, dead: true } };
    case "back":
      return { ...place, dead: undefined };
    case "leave-out":
      return {
        ...place,
        listed: listed.filter((host) => host !== step.host),
        discard: step.discard,
        since: { ...since, hosts: true },
      };
    case "add":
      return { ...place, listed: [...listed, step.host], since: { ...since, hosts: true } };
    case "scale":
      return { ...place, sizes: { ...sizes, [step.key]: step.value }, since: { ...since, config: true } };
    case "up":
      if (step.expect === "harmless") return place;
      return {
        ...place,
        placed: placedAt(listed, sizes, place.discard, place.placed),
        discard: [],
        since: calm,
      };
  }
}

/** One line on a step, for people. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case "up":
      return `up, ${step.expect}`;
    case "scale":
      return `${step.key} ${step.value}`;
    case "leave-out":
      return `leave out ${step.host}${step.discard.length === 0 ? "" : `, without ${step.discard.join(", ")}`}`;
    default:
      return `${step.kind} ${step.host}`;
  }
}
