import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Outcome, type Sample, withoutResult } from "../../apps/classification/producer/matcher.ts";
import { Fates } from "./fates.ts";

/** Image `seq`, due at 10 × seq µs. */
function fate(seq: number, outcome: Outcome = "received"): Sample {
  const known = withoutResult({ seq, device: 0, scheduledUs: seq * 10 }, outcome);
  return outcome === "received" || outcome === "late" ? { ...known, receivedUs: seq * 10 + 25 } : known;
}

const interval = { startUs: 100, endUs: 200 };

describe("Fates", () => {
  it("knows all of an interval only when every image between its ends has a fate, in whatever order they come", () => {
    const order = fc.shuffledSubarray(
      Array.from({ length: 30 }, (_, seq) => seq),
      { minLength: 30 },
    );
    fc.assert(
      fc.property(order, (seqs) => {
        const fates = new Fates();
        const seen = new Set<number>();
        for (const seq of seqs) {
          fates.add([fate(seq)]);
          seen.add(seq);
          const missing = fates.missing(interval);
          const open = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19].filter((due) => !seen.has(due)).length;
          if (missing !== undefined) expect(missing).toBeGreaterThanOrEqual(open);
          if (missing === 0) expect(open).toBe(0);
        }
        expect(fates.missing(interval)).toBe(0);
        expect(fates.within(interval).map(({ seq }) => seq)).toEqual([
          10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
        ]);
      }),
    );
  });

  it("cannot tell before it has seen an image from either side of the interval", () => {
    const fates = new Fates();
    fates.add([fate(10), fate(19)]);
    expect(fates.missing(interval)).toBeUndefined();
    fates.add([fate(8)]);
    expect(fates.missing(interval)).toBeUndefined();
    fates.add([fate(21)]);
    // 9, 20 and the eight in between.
    expect(fates.missing(interval)).toBe(10);
  });

  it("says of a lost image whose result came after all that it was late", () => {
    const fates = new Fates();
    fates.add([fate(12, "lost"), fate(12, "late"), fate(13), fate(99, "late")]);
    expect(fates.within(interval).map(({ seq, outcome }) => [seq, outcome])).toEqual([
      [12, "late"],
      [13, "received"],
    ]);
    expect(fates.receivedWithin({ startUs: 140, endUs: 160 })).toBe(2);
  });
});
