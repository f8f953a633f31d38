import { describe, expect, it } from "vitest";
import { BatchLimit, checkLiveness, quickLiveness } from "./consumer-liveness.ts";
import { consumerVariables, livenessOf } from "./consumer-variables.ts";
import { defineEnv } from "./env.ts";

const env = defineEnv(consumerVariables);

describe("livenessOf", () => {
  it("has the defaults of Kafka's own consumer", () => {
    expect(livenessOf(env.parse({}))).toEqual({
      sessionTimeoutMs: 45_000,
      heartbeatIntervalMs: 3000,
      maxPollIntervalMs: 300_000,
    });
  });

  it("refuses a heartbeat that does not fit three times into the session, and says what would", () => {
    const values = { KAFKA_SESSION_TIMEOUT_MS: "6000", KAFKA_HEARTBEAT_INTERVAL_MS: "2001" };
    expect(() => livenessOf(env.parse(values))).toThrow("set it to 2000 or less");
    expect(
      livenessOf(env.parse({ ...values, KAFKA_HEARTBEAT_INTERVAL_MS: "2000" })).heartbeatIntervalMs,
    ).toBe(2000);
  });

  it("refuses a session that a broker would refuse", () => {
    expect(() => env.parse({ KAFKA_SESSION_TIMEOUT_MS: "5999" })).toThrow(/KAFKA_SESSION_TIMEOUT_MS/);
  });
});

describe("checkLiveness", () => {
  it("takes what consumers have that say nothing", () => {
    expect(checkLiveness(quickLiveness)).toBe(quickLiveness);
  });

  it("refuses times that are none, all at once", () => {
    const wrong = { sessionTimeoutMs: Number.NaN, heartbeatIntervalMs: 1, maxPollIntervalMs: 2 ** 31 };
    expect(() => checkLiveness(wrong)).toThrow(/KAFKA_SESSION_TIMEOUT_MS=NaN.*KAFKA_MAX_POLL_INTERVAL_MS=/);
  });
});

describe("BatchLimit", () => {
  it("halves after a batch that took too long, down to one message, and comes back step by step", () => {
    const limit = new BatchLimit(8);
    limit.tookTooLong(8);
    expect(limit.now).toBe(4);
    limit.tookTooLong(3);
    limit.tookTooLong(1);
    expect(limit.now).toBe(1);
    for (let i = 0; i < 10; i += 1) limit.inTime();
    expect(limit.now).toBe(8);
  });
});
