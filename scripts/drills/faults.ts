import type { Random } from "../../apps/common/random.ts";

/**
 * What is done to a container: its processes end by SIGKILL, it is paused, cut from its network, sends slowly, loses its
 * data, or is told to end and started again.
 */
export type Act = "crash" | "hang" | "cut" | "slow" | "wipe" | "restart";

/** `restart` does what `docker compose restart` does: a yardstick for how long the lab takes over the others. */
export const faultKinds = [
  "crash",
  "hang",
  "cut",
  "slow",
  "together",
  "brokers",
  "coordinators",
  "leader",
  "host",
  "everything",
  "restart",
  "wipe",
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** All but what destroys data, and what is no fault. */
export const defaultKinds: readonly FaultKind[] = faultKinds.filter(
  (kind) => kind !== "wipe" && kind !== "restart",
);

/** A container as faults see it. */
export interface Target {
  readonly name: string;
  readonly pipeline: string;
  readonly role: string;
  readonly host: string;
  /** Whether it has a network that it can be cut from; one that has its host's has not. */
  readonly isCuttable: boolean;
  /** Whether what it sends can be slowed down. */
  readonly isSlowable: boolean;
  /** Whether it leads those of its role at the moment: ZooKeeper's leader, Kafka's controller. */
  readonly leads: boolean;
}

export interface Fault {
  readonly kind: FaultKind;
  /** For people: `crash of kafka broker`. */
  readonly name: string;
  readonly acts: readonly { readonly act: Act; readonly container: string }[];
  /** How long it lasts; 0 where it is a blow, from which containers come back by themselves. */
  readonly seconds: number;
}

/** How long a container hangs, is cut off or slow: below and beyond the time after which brokers and groups give it up. */
const leastSeconds = 8;
const mostSeconds = 25;

/**
 * One round of faults: each kind for each role, on a container of that role drawn at random, those of Kafka and of
 * several at once spread among the others. The same seed and containers give the same round.
 */
export function round(targets: readonly Target[], kinds: readonly FaultKind[], random: Random): Fault[] {
  const roles = [...Map.groupBy(targets, ({ pipeline, role }) => `${pipeline} ${role}`).values()];
  const draw = (some: readonly Target[]) => some[random.below(some.length)];
  const single = (kind: "crash" | "hang" | "cut" | "slow", isPossible = (_target: Target) => true) =>
    roles.flatMap((role) => {
      const target = draw(role.filter(isPossible));
      return target === undefined ? [] : [fault(kind, [[kind, target]], random)];
    });
  const brokers = targets.filter(({ role }) => role === "broker");
  const blow = (kind: FaultKind, act: Act, some: readonly Target[]) =>
    some.length === 0 ? [] : [fault(kind, every(act, some), random)];
  const faultsOf: Readonly<Record<FaultKind, () => Fault[]>> = {
    crash: () => single("crash"),
    hang: () => single("hang"),
    cut: () => single("cut", ({ isCuttable }) => isCuttable),
    slow: () => single("slow", ({ isSlowable }) => isSlowable),
    together: () => pairs(roles, draw, random),
    brokers: () => blow("brokers", "crash", brokers),
    coordinators: () => blow("coordinators", "crash", targets.filter(isCoordinator)),
    leader: () =>
      targets.filter(({ leads }) => leads).map((target) => fault("leader", [["crash", target]], random)),
    host: () => hosts(targets, random),
    everything: () => blow("everything", "crash", targets),
    restart: () => blow("restart", "restart", targets),
    wipe: () =>
      blow(
        "wipe",
        "wipe",
        [draw(brokers)].filter((broker) => broker !== undefined),
      ),
  };
  const all = kinds.flatMap((kind) => faultsOf[kind]());
  const isGrave = ({ kind, acts }: Fault) =>
    acts.length > 1 ||
    kind === "wipe" ||
    targets.some((target) => target.name === acts[0]?.container && isOfKafka(target));
  return interleaved(random.shuffle(all.filter(isGrave)), random.shuffle(all.filter((one) => !isGrave(one))));
}

/** What coordinates the brokers beside them: with ZooKeeper, or with controllers that are no brokers. */
const isCoordinator = ({ role }: Target) => role === "zookeeper" || role === "controller";
const isOfKafka = (target: Target) => target.role === "broker" || isCoordinator(target);

/** A broker and something else at a time, each in its own way. */
function pairs(
  roles: readonly (readonly Target[])[],
  draw: (some: readonly Target[]) => Target | undefined,
  random: Random,
): Fault[] {
  const brokers = roles.find(([first]) => first?.role === "broker") ?? [];
  const others = roles.filter((role) => role !== brokers).flat();
  const acts: readonly Act[] = ["crash", "hang"];
  return acts.flatMap((act) => {
    const [broker, other] = [draw(brokers), draw(others)];
    if (broker === undefined || other === undefined) return [];
    return [
      fault(
        "together",
        [
          [broker.isCuttable && act === "hang" ? "cut" : act, broker],
          [act === "hang" ? "crash" : "hang", other],
        ],
        random,
      ),
    ];
  });
}

/** All that one of several machines has, at once: gone for a moment, or out of reach for some time. */
function hosts(targets: readonly Target[], random: Random): Fault[] {
  const machines = [...Map.groupBy(targets, ({ host }) => host).values()];
  if (machines.length < 2) return [];
  const acts: readonly Act[] = ["crash", "hang"];
  return machines.flatMap((some) => acts.map((act) => fault("host", every(act, some), random)));
}

const every = (act: Act, targets: readonly Target[]): [Act, Target][] =>
  targets.map((target) => [act, target]);

/** Acts that must be ended. */
const lasting: readonly Act[] = ["hang", "cut", "slow"];

function fault(kind: FaultKind, acts: readonly (readonly [Act, Target])[], random: Random): Fault {
  const lasts = acts.some(([act]) => lasting.includes(act));
  return {
    kind,
    name: nameOf(kind, acts),
    acts: acts.map(([act, { name }]) => ({ act, container: name })),
    seconds: lasts ? leastSeconds + random.below(mostSeconds - leastSeconds + 1) : 0,
  };
}

function nameOf(kind: FaultKind, acts: readonly (readonly [Act, Target])[]): string {
  if (kind === "leader") return `crash of the ${acts[0]?.[1].pipeline} ${acts[0]?.[1].role} that leads`;
  if (kind === "brokers") return "crash of all brokers";
  if (kind === "coordinators") return `crash of all of ${acts[0]?.[1].pipeline} ${acts[0]?.[1].role}`;
  if (kind === "host") return `${acts[0]?.[0]} of host ${acts[0]?.[1].host}`;
  if (kind === "everything") return "crash of everything";
  if (kind === "restart") return "restart of everything";
  return acts.map(([act, { pipeline, role }]) => `${act} of ${pipeline} ${role}`).join(" and ");
}

/** One of each in turn, until there is none left of either. */
function interleaved<T>(a: readonly T[], b: readonly T[]): T[] {
  const longest = Math.max(a.length, b.length);
  return Array.from({ length: longest }, (_, i) => [...a.slice(i, i + 1), ...b.slice(i, i + 1)]).flat();
}
