import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "./random.ts";

const draw = <T>(count: number, next: () => T): T[] => Array.from({ length: count }, next);

describe("Random", () => {
  it("is xoshiro128++: its first numbers from the state 1, 2, 3, 4 are those of the reference", () => {
    const random = Random.fromState([1, 2, 3, 4]);
    expect(draw(5, () => random.uint32())).toEqual([641, 1573767, 3222811527, 3517856514, 836907274]);
  });

  it("gives the same numbers for the same seed and others for another", () => {
    const numbers = (seed: number) => {
      const random = new Random(seed);
      return draw(20, () => random.uint32());
    };
    expect(numbers(7)).toEqual(numbers(7));
    expect(numbers(7)).not.toEqual(numbers(8));
  });

  it("keeps within its bounds", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 1000 }), (seed, count) => {
        const random = new Random(seed);
        const unit = random.unit();
        const below = random.below(count);
        expect(unit >= 0 && unit < 1).toBe(true);
        expect(Number.isInteger(below) && below >= 0 && below < count).toBe(true);
      }),
    );
  });

  it("draws normal numbers of mean 0 and deviation 1", () => {
    const random = new Random(1);
    const numbers = draw(20_000, () => random.normal());
    const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length;
    const variance = numbers.reduce((a, b) => a + (b - mean) ** 2, 0) / numbers.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
  });

  it("shuffles without losing or repeating anything", () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.integer()), (seed, items) => {
        const shuffled = new Random(seed).shuffle([...items]);
        expect(shuffled.toSorted()).toEqual(items.toSorted());
      }),
    );
  });
});
