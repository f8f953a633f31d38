import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatRate, mpeg4Rate } from "./rate.ts";
import { SeqSet } from "./seq-set.ts";

describe("mpeg4Rate", () => {
  it.each([
    ["30", "30"],
    ["30000/1001", "30000/1001"],
    ["50/2", "25"],
    ["1000000/33333", "30"],
    ["359/12", "359/12"],
  ])("takes %s as %s", (text, expected) => expect(formatRate(mpeg4Rate(text))).toBe(expected));

  it("is within a part in a thousand of whatever a camera can have, in numbers that are small enough", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 900_000_000 }),
        fc.integer({ min: 1, max: 240 }),
        (den, fps) => {
          const num = Math.min(999_999_999, den * fps + 1);
          const rate = mpeg4Rate(`${num}/${den}`);
          expect(Math.max(rate.num, rate.den)).toBeLessThanOrEqual(65_535);
          expect(Math.abs((rate.num / rate.den) * (den / num) - 1)).toBeLessThan(0.001);
        },
      ),
    );
  });

  it.each(["", "0", "30/0", "-1", "29.97", "1e3", "999999999"])("refuses %j", (text) =>
    expect(() => mpeg4Rate(text)).toThrow(RangeError),
  );
});

describe("SeqSet", () => {
  it("is a set of whole numbers", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000 })), (numbers) => {
        const set = new SeqSet();
        for (const number of numbers) set.add(number);
        const known = new Set(numbers);
        expect(set.size).toBe(known.size);
        for (const number of known)
          expect([set.has(number), set.has(number + 1)]).toEqual([true, known.has(number + 1)]);
      }),
    );
  });
});
