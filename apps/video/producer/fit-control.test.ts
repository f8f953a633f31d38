import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FitController, type Setting, settingAt } from "./fit-control.ts";

const maxBytes = 100_000;

/**
 * Size of a JPEG as a function of its setting: about exponential in quality, a power of the scale. `steepness` is how
 * much more strongly than the controller supposes it depends on either.
 */
function sizeOf(raw: number, { quality, scale }: Setting, steepness = 1): number {
  return Math.ceil(raw * Math.exp((steepness * (quality - 90)) / 40) * scale ** (1.7 * steepness));
}

/** Encodes one frame. @returns its size and the number of tries; undefined when it was hopeless */
function encode(controller: FitController, raw: number, steepness = 1) {
  let setting = controller.begin();
  for (let tries = 1; ; tries += 1) {
    const bytes = sizeOf(raw, setting, steepness);
    const next = controller.tried(bytes);
    if (next === "hopeless") return undefined;
    if (next === "fits") return { bytes, tries, setting };
    setting = next;
  }
}

const raws = fc.integer({ min: 20_000, max: 1_500_000 });
const steep = fc.double({ min: 0.6, max: 1.8, noNaN: true });
const noises = fc.array(fc.double({ min: 0.9, max: 1.1, noNaN: true }), { minLength: 20, maxLength: 200 });

describe("settingAt", () => {
  it("lowers quality first, then scale, and never the other way", () => {
    const settings = Array.from({ length: 50 }, (_, index) => settingAt(index / 10));
    for (const [index, setting] of settings.entries()) {
      const before = settings[index - 1] ?? { quality: 100, scale: 1 };
      expect(setting.quality).toBeLessThanOrEqual(before.quality);
      expect(setting.scale).toBeLessThanOrEqual(before.scale);
      if (setting.scale < 1) expect(setting.quality).toBe(50);
    }
  });
});

describe("FitController", () => {
  it("brings every frame below the limit, in a bounded number of tries", () => {
    fc.assert(
      fc.property(fc.array(raws, { minLength: 1, maxLength: 60 }), steep, (frames, steepness) => {
        const controller = new FitController({ maxBytes });
        for (const raw of frames) {
          const encoded = encode(controller, raw, steepness);
          expect(encoded?.bytes).toBeLessThanOrEqual(maxBytes);
          expect(encoded?.tries).toBeLessThanOrEqual(6);
        }
      }),
    );
  });

  it("needs one try a frame once it has learnt, and stays still under noise", () => {
    fc.assert(
      fc.property(raws, steep, noises, (raw, steepness, noise) => {
        const controller = new FitController({ maxBytes });
        const frame = (index: number) => Math.round(raw * (noise[index % noise.length] ?? 1));
        for (let index = 0; index < 3000; index += 1) encode(controller, frame(index), steepness);
        const levels = new Set<number>();
        let tries = 0;
        for (let index = 3000; index < 3600; index += 1) {
          tries += encode(controller, frame(index), steepness)?.tries ?? 0;
          levels.add(controller.level);
        }
        expect(levels.size).toBeLessThanOrEqual(2);
        expect(tries).toBeLessThanOrEqual(602);
      }),
      { numRuns: 60 },
    );
  });

  it("loses no more than it must: sizes end in the upper part of the limit, or quality at its best", () => {
    fc.assert(
      fc.property(raws, steep, (raw, steepness) => {
        const controller = new FitController({ maxBytes });
        for (let index = 0; index < 3000; index += 1) encode(controller, raw, steepness);
        const { bytes, setting } = encode(controller, raw, steepness) ?? { bytes: 0, setting: settingAt(9) };
        expect(bytes > 0.6 * maxBytes || setting.quality === 90).toBe(true);
      }),
    );
  });

  it("raises quality again, slowly, when the frames become simpler", () => {
    const controller = new FitController({ maxBytes });
    for (let index = 0; index < 100; index += 1) encode(controller, 800_000);
    const before = controller.level;
    for (let index = 0; index < 20; index += 1) encode(controller, 120_000);
    expect(controller.level).toBe(before);
    for (let index = 0; index < 600; index += 1) encode(controller, 120_000);
    expect(controller.level).toBeLessThan(0.5);
  });

  it("says so when nothing helps, and is not thrown off by it", () => {
    const controller = new FitController({ maxBytes });
    encode(controller, 150_000);
    const before = controller.level;
    expect(encode(controller, 500_000_000)).toBeUndefined();
    expect(controller.level).toBe(before);
  });

  it("waits longer each time that more quality proves too much", () => {
    const controller = new FitController({ maxBytes });
    let moves = 0;
    let last = controller.level;
    // Every hundredth frame is three times as large, so that whatever is gained in between is lost again.
    for (let index = 0; index < 20_000; index += 1) {
      encode(controller, index % 100 === 99 ? 300_000 : 100_000);
      if (controller.level !== last) moves += 1;
      last = controller.level;
    }
    expect(moves).toBeLessThan(30);
  });
});
