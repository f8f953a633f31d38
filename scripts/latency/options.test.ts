import { describe, expect, it } from "vitest";
import { parseOptions } from "./options.ts";

describe("parseOptions", () => {
  it("measures 1 to 4 producers for a minute each where nothing else is said", () => {
    expect(parseOptions([])).toEqual({
      command: "measure",
      stack: "dev",
      producers: [1, 2, 3, 4],
      seconds: 60,
      repeats: 1,
      warmupSeconds: 60,
      seed: 1,
      rate: undefined,
      arrivals: undefined,
      model: undefined,
      out: undefined,
      configFile: undefined,
    });
  });

  it.each([
    ["3", [3]],
    ["2..3", [2, 3]],
    ["4,1,4", [1, 4]],
  ])("takes --producers %s", (text, producers) => {
    expect(parseOptions(["--producers", text])).toMatchObject({ producers });
  });

  it("takes two runs to compare", () => {
    expect(parseOptions(["compare", "a", "b", "--margin", "0.2"])).toEqual({
      command: "compare",
      runs: ["a", "b"],
      margin: 0.2,
      seed: 1,
      out: undefined,
    });
  });

  it.each([
    [["--producers", "4..1"], "--producers 4..1 is empty; the smaller number comes first, as in 1..4"],
    [["--producers", "0"], "--producers 0 is not a whole number from 1 to 64"],
    [["--producers", "1,two"], "--producers two is not a whole number from 1 to 64"],
    [["--seconds", "-5"], "Option '--seconds' argument is ambiguous"],
    [["--seconds", "1e9"], "--seconds 1e9 is not a number from 1 to 86400"],
    [["--repeats", "1.5"], "--repeats 1.5 is not a whole number"],
    [["--arrivals", "bursts"], "--arrivals bursts is not one of fixed, poisson"],
    [["--stack", "No"], "No is not a stack name"],
    [["--speed", "1"], "unexpected argument --speed"],
    [["now"], "unexpected argument now"],
    [["compare", "a"], "compare needs the folders of two runs"],
    [["compare", "a", "b", "c"], "unexpected argument c"],
  ])("refuses %j and says why, with the usage", (args, why) => {
    expect(() => parseOptions(args)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(why),
        fix: expect.stringContaining("./scripts/cdf [--producers"),
      }),
    );
  });
});
