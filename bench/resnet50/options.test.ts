import { describe, expect, it } from "vitest";
import { parseOptions } from "./options.ts";

describe("parseOptions", () => {
  it("measures one image and eight at a time on the default lab when nothing is asked", () => {
    expect(parseOptions([])).toEqual({
      stack: "dev",
      seconds: 20,
      rounds: 2,
      threads: 2,
      concurrencies: [1, 8],
      model: undefined,
    });
  });

  it("names what it cannot use", () => {
    expect(() => parseOptions(["--concurrency", "1,x"])).toThrow("--concurrency x");
    expect(() => parseOptions(["--threads", "0"])).toThrow("--threads 0");
  });
});
