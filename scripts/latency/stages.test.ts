import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Sample, withoutResult } from "../../apps/classification/producer/matcher.ts";
import { isClamped, meanStages, onProducersClock, stageNames, stagesOf } from "./stages.ts";

const image: Sample = {
  ...withoutResult({ seq: 0, device: 0, scheduledUs: 1_000_000 }, "received", 1_006_000),
  sentUs: 1_001_000,
  receivedUs: 1_020_000,
};
const stage = {
  id: "a",
  pickedUs: 1_008_000,
  classifiedUs: 1_013_000,
  inferenceMs: 3,
  resultAckedUs: 1_018_000,
};

describe("stagesOf", () => {
  it("gives the time between the points on an image's way", () => {
    expect(stagesOf(image, stage)).toEqual([1, 5, 2, 2, 3, 5, 2]);
  });

  it("ends `image to Kafka` when the classifier has the image, though the producer has not heard of it yet", () => {
    expect(stagesOf({ ...image, ackedUs: 1_012_000 }, stage)).toEqual([1, 7, 0, 2, 3, 5, 2]);
    expect(stagesOf({ ...image, ackedUs: null }, stage)).toEqual([1, 7, 0, 2, 3, 5, 2]);
  });

  it("puts the classifier's times on the producer's clock", () => {
    const ahead = {
      ...stage,
      pickedUs: stage.pickedUs + 500,
      classifiedUs: stage.classifiedUs + 500,
      resultAckedUs: stage.resultAckedUs + 500,
    };
    expect(stagesOf(image, onProducersClock(ahead, 500))).toEqual(stagesOf(image, stage));
  });

  it("has nothing for an image without a result", () => {
    expect(stagesOf({ ...image, receivedUs: null }, stage)).toBeUndefined();
  });

  it("never gives a negative stage, and adds up to the end-to-end latency, whatever order the points come in", () => {
    const us = fc.integer({ min: 1_000_000, max: 1_020_000 });
    fc.assert(
      fc.property(us, us, us, us, us, (sentUs, ackedUs, pickedUs, classifiedUs, resultAckedUs) => {
        const stages = stagesOf(
          { ...image, sentUs, ackedUs },
          { ...stage, pickedUs, classifiedUs, resultAckedUs },
        );
        expect(Math.min(...(stages ?? [-1]))).toBeGreaterThanOrEqual(0);
        expect((stages ?? []).reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(20, 9);
      }),
    );
  });
});

describe("isClamped", () => {
  it("is what clocks contradict, and not an acknowledgement that comes late", () => {
    expect(isClamped(image, stage)).toBe(false);
    expect(isClamped({ ...image, ackedUs: 1_012_000 }, { ...stage, resultAckedUs: 1_021_000 })).toBe(false);
    expect(isClamped(image, { ...stage, pickedUs: 1_000_999 })).toBe(true);
    expect(isClamped(image, { ...stage, classifiedUs: 1_020_001 })).toBe(true);
  });

  it("has its stage at 0, and the sum as it was", () => {
    const stages = stagesOf(image, { ...stage, pickedUs: 1_000_500 });
    expect(stages?.[2]).toBe(0);
    expect(stages?.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(20, 9);
  });
});

describe("meanStages", () => {
  it("is the mean of each stage, and nothing for no images", () => {
    const means = meanStages([
      [1, 2, 3, 4, 5, 6, 7],
      [3, 2, 1, 0, 1, 2, 3],
    ]);
    expect(means).toMatchObject({ n: 2, clamped: 0 });
    expect(stageNames.map((name) => means?.meanMs[name])).toEqual([2, 2, 2, 2, 3, 4, 5]);
    expect(meanStages([])).toBeUndefined();
  });
});
