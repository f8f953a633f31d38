import { describe, expect, it } from "vitest";
import { madeWindow, steady } from "./testing/made-window.ts";
import { blocksIn, loadOf, toSeries, toWindow } from "./windows.ts";

describe("toWindow", () => {
  it("puts each image into the time block that it was due in; what was not in time never arrived", () => {
    const window = toWindow(
      madeWindow([
        { atMs: 0, latencyMs: 7 },
        { atMs: 1999 },
        { atMs: 2000, latencyMs: 12_000, outcome: "late" },
        { atMs: 9999, latencyMs: 8 },
        { atMs: 5000, outcome: "skipped" },
      ]),
    );
    expect(window.blocks).toBe(5);
    expect(window.observations).toEqual([
      { latencyMs: 7, block: 0 },
      { latencyMs: Number.POSITIVE_INFINITY, block: 0 },
      { latencyMs: Number.POSITIVE_INFINITY, block: 1 },
      { latencyMs: 8, block: 4 },
      { latencyMs: Number.POSITIVE_INFINITY, block: 2 },
    ]);
  });

  it("has 5 to 20 blocks, of 3 s where that gives as many", () => {
    expect([1, 15, 30, 60, 3600].map(blocksIn)).toEqual([5, 5, 10, 20, 20]);
  });
});

describe("loadOf", () => {
  const growing = Array.from({ length: 10 }, (_, x) => ({ x, y: 40 * x }));
  const lagging = [{ group: "classification-classifier", topic: "images", points: growing, failures: 0 }];

  it("finds nothing wrong with a pipeline that keeps up", () => {
    const load = loadOf(madeWindow(steady(100, 100, 8)));
    expect(load).toMatchObject({
      askedPerSecond: 10,
      offeredPerSecond: 10,
      reachedPerSecond: 10,
      overloaded: false,
    });
    expect(load.signs).toEqual([]);
  });

  it("names each sign of overload with its numbers", () => {
    const images = [...steady(60, 100, 8), ...steady(40, 100, 8).map(({ atMs }) => ({ atMs: atMs + 6000 }))];
    const load = loadOf(madeWindow([...images, { atMs: 9990, outcome: "skipped" }], { lag: lagging }));
    expect(load.overloaded).toBe(true);
    expect(load.signs).toEqual([
      "6.0/s results came back of 10.1/s images offered",
      "the classifiers' lag grew by 280 messages, 40.0/s",
      "1 images were so late that they were not sent",
    ]);
  });

  it("does not take the end of a window, whose results come behind it, for overload", () => {
    const load = loadOf(madeWindow(steady(98, 100, 8)));
    expect(load.overloaded).toBe(false);
  });
});

describe("toSeries", () => {
  it("has the windows of each producer count together, ascending, overloaded if one of them was", () => {
    const series = toSeries([
      madeWindow(steady(10, 100, 5), { producerCount: 4 }),
      madeWindow([{ atMs: 0 }], { producerCount: 1 }),
      madeWindow(steady(10, 100, 6), { producerCount: 4, repeat: 2 }),
    ]);
    expect(
      series.map(({ producers, windows, overloaded }) => [producers, windows.length, overloaded]),
    ).toEqual([
      [1, 1, true],
      [4, 2, false],
    ]);
  });
});
