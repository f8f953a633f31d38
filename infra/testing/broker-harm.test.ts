import { describe, expect, it } from "vitest";
import { type BrokerEvent, brokerEvent, brokerHarm } from "./broker-harm.ts";

const brokers = ["kafka-0", "kafka-1", "kafka-2"];
const told = (...lines: readonly string[]): BrokerEvent[] =>
  lines.map((line, index) => {
    const [broker = "", ...action] = line.split(" ");
    return {
      timeNano: `17000000000000000${index.toString().padStart(2, "0")}`,
      broker,
      action: action.join(" "),
    };
  });

describe("brokerHarm", () => {
  it("is none where brokers are made anew one after the other", () => {
    const events = told("kafka-1 die", "kafka-1 start", "kafka-1 health_status: healthy", "kafka-2 die");
    expect(brokerHarm(brokers, brokers, events)).toEqual([]);
  });

  it("is to end a healthy one while another is missing, whether that was dead before or has just been ended", () => {
    expect(brokerHarm(["kafka-0", "kafka-2"], brokers, told("kafka-2 die"))).toEqual([
      "kafka-2 was ended while kafka-1 was missing",
    ]);
    expect(brokerHarm(brokers, brokers, told("kafka-0 die", "kafka-1 die"))).toEqual([
      "kafka-1 was ended while kafka-0 was missing",
    ]);
  });

  it("is not to end one that was not healthy, nor the events' order on the wire", () => {
    expect(brokerHarm(["kafka-0"], brokers, told("kafka-1 die"))).toEqual([]);
    const [end, well, next] = told("kafka-1 die", "kafka-1 health_status: healthy", "kafka-2 die");
    expect(
      brokerHarm(
        brokers,
        brokers,
        [next, end, well].flatMap((one) => one ?? []),
      ),
    ).toEqual([]);
  });
});

describe("brokerEvent", () => {
  it("reads a line of docker events, and no other", () => {
    expect(brokerEvent("1700000000000000000 edgelab-x-1-kafka-2 health_status: healthy")).toEqual({
      timeNano: "1700000000000000000",
      broker: "kafka-2",
      action: "health_status: healthy",
    });
    expect(brokerEvent("1700000000000000000 edgelab-x-postgres die")).toBeUndefined();
  });
});
