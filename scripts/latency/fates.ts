import type { Sample } from "../../apps/classification/producer/matcher.ts";

/** A half-open interval of intended sending times, µs of the producer's clock. */
export interface Interval {
  readonly startUs: number;
  readonly endUs: number;
}

/** The fates of one producer's images, in whatever order they become known. */
export class Fates {
  /** By number; late results apart, since each image has one fate besides. */
  readonly #bySeq = new Map<number, Sample>();
  readonly #late = new Map<number, Sample>();

  add(samples: readonly Sample[]): void {
    for (const sample of samples)
      (sample.outcome === "late" ? this.#late : this.#bySeq).set(sample.seq, sample);
  }

  /**
   * Images due in the interval whose fate is known, in the order in which they were due; a lost one whose result came
   * after all is `late`.
   */
  within({ startUs, endUs }: Interval): Sample[] {
    return [...this.#bySeq.values()]
      .filter(({ scheduledUs }) => scheduledUs >= startUs && scheduledUs < endUs)
      .map((sample) => this.#late.get(sample.seq) ?? sample)
      .sort((a, b) => a.seq - b.seq);
  }

  /** Results read in the interval, whenever their images were due. */
  receivedWithin({ startUs, endUs }: Interval): number {
    return [...this.#bySeq.values(), ...this.#late.values()].filter(
      ({ receivedUs }) => receivedUs !== null && receivedUs >= startUs && receivedUs < endUs,
    ).length;
  }

  /**
   * How many images due in the interval have a fate that is not known yet; undefined while that cannot be told.
   * Images are numbered without gaps in the order in which they are due, so all of the interval lie between the last
   * that was due before it and the first that was due behind it.
   */
  missing({ startUs, endUs }: Interval): number | undefined {
    let before: number | undefined;
    let behind: number | undefined;
    let known = 0;
    for (const { seq, scheduledUs } of this.#bySeq.values()) {
      if (scheduledUs < startUs) before = Math.max(before ?? seq, seq);
      else if (scheduledUs >= endUs) behind = Math.min(behind ?? seq, seq);
      else known += 1;
    }
    return before === undefined || behind === undefined ? undefined : behind - before - 1 - known;
  }
}
