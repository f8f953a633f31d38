import { describe, expect, it } from "vitest";
import { samplesOf, sumOf } from "./metrics.ts";

const text = `# HELP images_total Images.
# TYPE images_total counter
images_total{source="kafka",note="a \\"quoted\\" } brace, and a \\\\ and\\na line"} 3
images_total{source="http"} 4 1700000000000
images_total_created 5
lag_seconds Nan
lag_max_seconds{app="x"} +Inf
lag_min_seconds -Inf
`;

describe("samplesOf", () => {
  it("has every sample of the metric and of no other, with its labels", () => {
    expect(samplesOf(text, "images_total")).toEqual([
      { labels: { source: "kafka", note: 'a "quoted" } brace, and a \\ and\na line' }, value: 3 },
      { labels: { source: "http" }, value: 4 },
    ]);
    expect(samplesOf(text, "images")).toEqual([]);
  });

  it("reads what is no finite number", () => {
    expect(samplesOf(text, "lag_seconds")).toEqual([{ labels: {}, value: Number.NaN }]);
    expect(samplesOf(text, "lag_max_seconds")[0]?.value).toBe(Number.POSITIVE_INFINITY);
    expect(samplesOf(text, "lag_min_seconds")[0]?.value).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe("sumOf", () => {
  it("adds up over all labels, and is 0 for what is not there", () => {
    expect(sumOf(text, "images_total")).toBe(7);
    expect(sumOf(text, "no_such_total")).toBe(0);
  });
});
