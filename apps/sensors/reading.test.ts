import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseReading, RefusedError } from "./reading.ts";

const nowMs = Date.UTC(2026, 10, 21, 12);
const clock = { nowMs, lateMs: 3_600_000, aheadMs: 60_000 };
const sound = { device: "roof-1", type: "temperature", value: 21.5, time: "2026-11-21T12:00:00Z" };
const parse = (value: unknown) => parseReading(Buffer.from(JSON.stringify(value)), clock);

function refusalOf(run: () => unknown): [string, string] {
  try {
    run();
  } catch (error) {
    if (error instanceof RefusedError) return [error.refusal, error.message];
    throw error;
  }
  return ["", ""];
}

describe("parseReading", () => {
  it("takes readings of real devices, with what it does not know beside them", () => {
    const reading = { ...sound, unit: "°C", battery: 81, time: "2026-11-21T13:00:00.250+01:00" };
    expect(parse(reading)).toEqual({
      device: "roof-1",
      type: "temperature",
      value: 21.5,
      timeMs: nowMs + 250,
    });
    expect(parse({ ...sound, type: "motion", value: true }).value).toBe(1);
  });

  it.each([
    ["no value", undefined, "json", /^not JSON/],
    ["NaN", Buffer.from('{"device": "d", "value": NaN}'), "json", /^not JSON/],
    ["ten kilobytes", Buffer.alloc(10_240, " "), "size", /^10240 bytes/],
  ])("refuses %s", (_what, value, refusal, reason) => {
    const [got, why] = refusalOf(() => parseReading(value, clock));
    expect(got).toBe(refusal);
    expect(why).toMatch(reason);
  });

  it.each([
    ["no device", { device: undefined }, "schema", /device/],
    ["a device with a NUL", { device: "a\0b" }, "schema", /NUL/],
    ["a type that there is none of", { type: "noise" }, "schema", /type/],
    ["a value as text", { value: "21.5" }, "schema", /value: is neither/],
    ["null, which NaN becomes in JSON", { value: null }, "schema", /value: is neither/],
    ["true as a temperature", { value: true }, "schema", /of temperature is a boolean/],
    ["a number as motion", { type: "motion", value: 1 }, "schema", /of motion is a number/],
    ["another unit", { unit: "°F", value: 70 }, "schema", /unit: of temperature is not °C/],
    ["what no sensor shows", { value: 451 }, "range", /from -90 to 100/],
    ["a time without a zone", { time: "2026-11-21T12:00:00" }, "schema", /time zone/],
    ["a clock a year behind", { time: "2025-11-21T12:00:00Z" }, "clock", /31536000 s ago/],
    ["a clock a year ahead", { time: "2027-11-21T12:00:00Z" }, "clock", /31536000 s ahead/],
  ])("refuses %s, and says why", (_what, change, refusal, reason) => {
    const [got, why] = refusalOf(() => parse({ ...sound, ...change }));
    expect(got).toBe(refusal);
    expect(why).toMatch(reason);
  });

  it("refuses whatever bytes are no reading, and never fails otherwise", () => {
    const anything = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(anything, (bytes) => {
        expect(refusalOf(() => parseReading(Buffer.from(bytes), clock))[0]).not.toBe("");
      }),
    );
  });
});
