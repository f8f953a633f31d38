import { describe, expect, it } from "vitest";
import { fieldsSchema } from "../contract.ts";
import { normalise, RefusedError } from "./normalise.ts";

const nowMs = Date.UTC(2026, 0, 5, 12);
const ts = new Date(nowMs).toISOString();
const rules = { fields: fieldsSchema.parse({}), nowMs, lateMs: 3600_000, aheadMs: 60_000 };
const message = (payload: unknown, topic = "Image/3/gate") => ({
  topic,
  payload: Buffer.isBuffer(payload)
    ? payload
    : Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload)),
});

function refusal(payload: unknown, more = {}): string {
  try {
    normalise(message(payload), { ...rules, ...more });
  } catch (error) {
    if (error instanceof RefusedError) return `${error.refusal}: ${error.message}`;
    throw error;
  }
  return "none";
}

describe("normalise", () => {
  it("makes a reading, and keeps the message as it came", () => {
    const payload = { players: 12, id: "gate/1", ts, sensor: "gate", map: "north" };
    const { reading, raw } = normalise(message(payload), rules);
    expect(JSON.stringify(reading)).toBe(`{"ts":"${ts}","sensor":"gate","value":12,"id":"gate/1"}`);
    expect(raw).toEqual({ _id: "gate/1", topic: "Image/3/gate", payload: JSON.stringify(payload) });
  });

  it("takes other members, the sensor's name of the topic, and an id of the content", () => {
    const fields = fieldsSchema.parse({ value: "visitors", ts: "when" });
    const of = (payload: object, topic?: string) =>
      normalise(message(payload, topic), { ...rules, fields }).reading;
    const one = of({ visitors: 3, when: nowMs / 1000 });
    expect(one).toMatchObject({ ts, sensor: "gate", value: 3 });
    expect(of({ visitors: 3, when: nowMs / 1000 }).id).toBe(one.id);
    expect(of({ visitors: 4, when: nowMs / 1000 }).id).not.toBe(one.id);
    expect(of({ visitors: 3, when: nowMs / 1000 }, "Image/3/yard").id).not.toBe(one.id);
  });

  it.each([
    ["{", /^json: not JSON/],
    [Buffer.from([0x7b, 0xff]), /^json: not JSON: not UTF-8/],
    ["[1]", /^schema: is no JSON object/],
    [`{"players":NaN,"ts":"${ts}"}`, /^json: /],
    [{ players: "12", ts }, /^value: players: is "12", not a number/],
    [{ players: null, ts }, /^value: players: is null/],
    [`{"players":1e999,"ts":"${ts}"}`, /^value: /],
    [{ players: 1 }, /^schema: ts: is missing/],
    [{ players: 1, ts: "soon" }, /^schema: ts: is "soon", not a time/],
    [{ players: 1, ts: "2027-01-05T12:00:00Z" }, /^clock: .* is 31536000 s ahead of now/],
    [{ players: 1, ts: "2025-01-05T12:00:00Z" }, /^clock: .* is 31536000 s ago/],
    [{ players: 1, ts, sensor: 5 }, /^schema: sensor: is 5/],
    [{ players: 1, ts, id: "x".repeat(500) }, /^schema: id: is "x+/],
    [Buffer.alloc(10_000_000, "x"), /^size: 10000000 bytes/],
  ])("refuses %.40s", (payload, reason) => {
    expect(refusal(payload)).toMatch(reason);
  });
});
