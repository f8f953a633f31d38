/** What became of one malformed message. */
export interface Fate {
  readonly topic: string;
  readonly kind: string;
  /** Whether Kafka took it; what it refuses (too large, say) reaches nobody. */
  readonly taken: boolean;
  /** Reasons of its dead letters; none when there is no letter. */
  readonly reasons: readonly string[];
}

export interface KindCount {
  readonly topic: string;
  readonly kind: string;
  readonly sent: number;
  readonly refusedByKafka: number;
  readonly buried: number;
  /** One of the reasons. */
  readonly example: string;
}

/** Counts by topic and kind, in the order in which they were first sent. */
export function countKinds(fates: readonly Fate[]): KindCount[] {
  return [...Map.groupBy(fates, ({ topic, kind }) => `${topic} ${kind}`).values()].map((some) => ({
    topic: some[0]?.topic ?? "",
    kind: some[0]?.kind ?? "",
    sent: some.length,
    refusedByKafka: some.filter(({ taken }) => !taken).length,
    buried: some.filter(isBuried).length,
    example: some.flatMap(({ reasons }) => reasons)[0] ?? "",
  }));
}

const isBuried = ({ reasons }: Fate): boolean => reasons.length > 0;

/** Taken by Kafka and not yet among the dead letters. */
export function unburied(fates: readonly Fate[]): number {
  return fates.filter((fate) => fate.taken && !isBuried(fate)).length;
}

/** A container's process as Docker names it: another start means another process. */
export interface Started {
  readonly name: string;
  readonly startedAt: string;
  readonly health: string;
}

/** What is wrong, for people; none means that every bad message was buried with a reason and nothing fell over. */
export function problemsOf(
  fates: readonly Fate[],
  before: readonly Started[],
  after: readonly Started[],
): string[] {
  const kinds = countKinds(fates).filter(
    ({ sent, refusedByKafka, buried }) => sent > refusedByKafka + buried,
  );
  const reasonless = fates.filter(({ reasons }) => reasons.some((reason) => reason.trim() === ""));
  const known = new Map(before.map(({ name, startedAt }) => [name, startedAt]));
  return [
    ...kinds.map(
      ({ topic, kind, sent, refusedByKafka, buried }) =>
        `${topic}: of ${sent - refusedByKafka} with ${kind}, ${buried} are dead letters`,
    ),
    ...(reasonless.length === 0 ? [] : [`${reasonless.length} dead letters have no reason`]),
    ...after
      .filter(({ name, startedAt }) => known.get(name) !== startedAt)
      .map(({ name }) => `${name} was started again`),
    ...after.filter(({ health }) => health !== "healthy").map(({ name, health }) => `${name} is ${health}`),
  ];
}
