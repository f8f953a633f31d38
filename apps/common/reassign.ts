/** Where a partition's replicas are, the preferred leader first. */
export interface Placed {
  readonly topic: string;
  readonly partition: number;
  readonly replicas: readonly number[];
}

/** A broker that has replicas, and the machine that it is on. */
export interface Place {
  readonly id: number;
  /** Replicas of one partition are kept on as many hosts as there can be. */
  readonly host: string;
}

interface Draft {
  readonly topic: string;
  readonly partition: number;
  readonly was: readonly number[];
  readonly replicas: number[];
}

/**
 * Where replicas should be so that these brokers have all of them, and each about as many: the numbers of any two differ
 * by one at most, unless that would put two replicas of a partition on one host. Replication stays, and no replica moves
 * that need not. Of the replicas of a partition, the first leads: the numbers of partitions that brokers lead are evened
 * out by another order, for which nothing moves.
 *
 * @returns the same partitions, in the same order
 * @throws RangeError when a partition has more replicas than there are brokers
 */
export function spread(current: readonly Placed[], places: readonly Place[]): Placed[] {
  for (const { topic, partition, replicas } of current) {
    if (replicas.length > places.length) {
      throw new RangeError(
        `${topic}-${partition} has ${replicas.length} replicas, for which ${places.length} brokers are too few`,
      );
    }
  }
  const drafts = current.map(
    ({ topic, partition, replicas }): Draft => ({ topic, partition, was: replicas, replicas: [...replicas] }),
  );
  const cluster = new Cluster(drafts, places);
  cluster.empty();
  cluster.even();
  cluster.restore();
  evenLeaders(drafts, places);
  return drafts.map(({ topic, partition, replicas }) => ({ topic, partition, replicas }));
}

/** Partitions of which `spread` changes anything. */
export function changed(current: readonly Placed[], wanted: readonly Placed[]): Placed[] {
  return wanted.filter(({ replicas }, i) => replicas.join() !== current[i]?.replicas.join());
}

class Cluster {
  readonly #drafts: readonly Draft[];
  readonly #places: readonly Place[];
  readonly #hosts: ReadonlyMap<number, string>;
  readonly #load: Map<number, number>;

  constructor(drafts: readonly Draft[], places: readonly Place[]) {
    this.#drafts = drafts;
    this.#places = places;
    this.#hosts = new Map(places.map(({ id, host }) => [id, host]));
    this.#load = new Map(places.map(({ id }) => [id, 0]));
    for (const { replicas } of drafts) for (const id of replicas) this.#count(id, 1);
  }

  /** Takes replicas off brokers that are none of these. */
  empty(): void {
    for (const draft of this.#drafts) {
      for (const from of draft.replicas.filter((id) => !this.#hosts.has(id))) {
        const free = this.#places.filter(({ id }) => !draft.replicas.includes(id));
        const to = best(free, ({ id }) => [
          -this.#hostsOf(replaced(draft.replicas, from, id)),
          this.#loadOf(id),
          this.#ofTopic(draft.topic, id),
        ]);
        if (to !== undefined) this.#move(draft, from, to.id);
      }
    }
  }

  /** Moves one replica after the other from a broker that has many to one that has few. */
  even(): void {
    for (;;) {
      const pairs = this.#places
        .flatMap(({ id: from }) => this.#places.map(({ id: to }) => ({ from, to })))
        .filter(({ from, to }) => this.#loadOf(from) - this.#loadOf(to) > 1)
        .sort((a, b) => this.#gap(b) - this.#gap(a));
      if (!pairs.some(({ from, to }) => this.#moveOne(from, to))) return;
    }
  }

  /** Puts back what has moved without need, one after the other: another move may have made up for it. */
  restore(): void {
    for (let again = true; again; ) {
      again = this.#drafts.some((draft) =>
        draft.was.some((home) => {
          const place = draft.was.indexOf(home);
          const away = draft.replicas[place];
          if (away === undefined || away === home || !this.#hosts.has(home)) return false;
          return this.#isNoWorse(draft, away, home) && this.#move(draft, away, home);
        }),
      );
    }
  }

  #isNoWorse(draft: Draft, away: number, home: number): boolean {
    if (draft.replicas.includes(home)) return false;
    if (this.#hostsOf(replaced(draft.replicas, away, home)) < this.#hostsOf(draft.replicas)) return false;
    const loads = this.#places.map(({ id }) => this.#loadOf(id));
    const [least, most] = [Math.min(...loads), Math.max(...loads)];
    return this.#loadOf(home) + 1 <= Math.max(most, least + 1) && this.#loadOf(away) - 1 >= least;
  }

  #gap({ from, to }: { readonly from: number; readonly to: number }): number {
    return this.#loadOf(from) - this.#loadOf(to);
  }

  /** Of the topic of which `from` has most and `to` least; rather one that has moved already. */
  #moveOne(from: number, to: number): boolean {
    const able = this.#drafts.filter(
      ({ replicas }) =>
        replicas.includes(from) &&
        !replicas.includes(to) &&
        this.#hostsOf(replaced(replicas, from, to)) >= this.#hostsOf(replicas),
    );
    const draft = best(able, ({ topic, was, replicas }) => [
      was[replicas.indexOf(from)] === from ? 1 : 0,
      this.#ofTopic(topic, to) - this.#ofTopic(topic, from),
    ]);
    return draft !== undefined && this.#move(draft, from, to);
  }

  #move({ replicas }: Draft, from: number, to: number): true {
    replicas[replicas.indexOf(from)] = to;
    this.#count(from, -1);
    this.#count(to, 1);
    return true;
  }

  #count(id: number, by: number): void {
    const load = this.#load.get(id);
    if (load !== undefined) this.#load.set(id, load + by);
  }

  #loadOf(id: number): number {
    return this.#load.get(id) ?? 0;
  }

  #ofTopic(topic: string, id: number): number {
    return this.#drafts.filter((draft) => draft.topic === topic && draft.replicas.includes(id)).length;
  }

  #hostsOf(replicas: readonly number[]): number {
    return new Set(replicas.map((id) => this.#hosts.get(id)).filter((host) => host !== undefined)).size;
  }
}

/** Lets brokers that lead few partitions lead some of those that they have a replica of. */
function evenLeaders(drafts: readonly Draft[], places: readonly Place[]): void {
  const leads = new Map(places.map(({ id }) => [id, 0]));
  const of = (id: number) => leads.get(id) ?? 0;
  for (const { replicas } of drafts)
    if (replicas[0] !== undefined) leads.set(replicas[0], of(replicas[0]) + 1);
  for (;;) {
    const able = drafts.flatMap(({ replicas }) => {
      const [from = -1, ...others] = replicas;
      return others.map((to) => ({ replicas, from, to })).filter((swap) => of(swap.from) - of(swap.to) > 1);
    });
    const swap = best(able, ({ from, to }) => [of(to) - of(from)]);
    if (swap === undefined) return;
    const { replicas, from, to } = swap;
    replicas[replicas.indexOf(to)] = from;
    replicas[0] = to;
    leads.set(from, of(from) - 1);
    leads.set(to, of(to) + 1);
  }
}

function replaced(replicas: readonly number[], from: number, to: number): number[] {
  return replicas.map((id) => (id === from ? to : id));
}

/** The one of the least rank, compared number by number; the first of equals. */
function best<T>(some: readonly T[], rank: (one: T) => readonly number[]): T | undefined {
  const ranked = some.map((one) => ({ one, ranks: rank(one) }));
  const less = (a: readonly number[], b: readonly number[]) => {
    const at = a.findIndex((value, i) => value !== b[i]);
    return at !== -1 && (a[at] ?? 0) < (b[at] ?? 0);
  };
  return ranked.reduce<(typeof ranked)[number] | undefined>(
    (least, next) => (least === undefined || less(next.ranks, least.ranks) ? next : least),
    undefined,
  )?.one;
}
