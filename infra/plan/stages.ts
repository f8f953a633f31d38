import type { PlannedService } from "./services.ts";

type Service = Pick<PlannedService, "name" | "uses" | "plan">;
type Before = (one: Service, other: Service) => boolean;

/**
 * Names of the services in the stages in which a lab that was stopped is started: what coordinates Kafka, with the stores,
 * and Kafka after it, unless its brokers do that themselves; then each service after those that it uses and those whose
 * topics it reads. Where topics lead in a circle, only what a service uses counts.
 */
export function startStages(services: readonly Service[]): string[][] {
  const apps = services.filter(({ plan }) => plan !== undefined);
  const stages = inLevels(apps, (one, other) => isUsed(one, other) || isRead(one, other));
  return [...coreStages(services), ...stages.flatMap((stage) => inLevels(stage, isUsed))].map((stage) =>
    stage.map(({ name }) => name),
  );
}

/** How many of them, from the first, are Kafka's and the stores'. */
export function coreStageCount(services: readonly Service[]): number {
  return coreStages(services).length;
}

function coreStages(services: readonly Service[]): Service[][] {
  return inLevels(
    services.filter(({ plan }) => plan === undefined),
    isUsed,
  );
}

const isUsed: Before = (one, other) => other.uses.services?.includes(one.name) === true;

const isRead: Before = (one, other) =>
  other.uses.reads?.some(({ topic }) => one.uses.writes?.includes(topic)) === true;

/** Each after all that come before it; those in a circle are of one level. */
function inLevels(services: readonly Service[], isBefore: Before): Service[][] {
  const next = new Map(services.map((one) => [one, services.filter((other) => isBefore(other, one))]));
  const before = new Map(services.map((one) => [one, allBefore(one, next)]));
  const levels = new Map<Service, number>();
  const levelOf = (one: Service): number => {
    const known = levels.get(one);
    if (known !== undefined) return known;
    const earlier = [...(before.get(one) ?? [])].filter((other) => before.get(other)?.has(one) !== true);
    const level = Math.max(0, ...earlier.map((other) => levelOf(other) + 1));
    levels.set(one, level);
    return level;
  };
  return [...Map.groupBy(services, levelOf)].sort(([a], [b]) => a - b).map(([, level]) => level);
}

/** What comes before, at however many removes. */
function allBefore(one: Service, next: ReadonlyMap<Service, readonly Service[]>): Set<Service> {
  const found = new Set<Service>();
  const waiting = [...(next.get(one) ?? [])];
  for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
    if (found.has(each)) continue;
    found.add(each);
    waiting.push(...(next.get(each) ?? []));
  }
  return found;
}
