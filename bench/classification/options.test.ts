import { describe, expect, it } from "vitest";
import { parseOptions } from "./options.ts";

describe("parseOptions", () => {
  it("measures both rates of the goals against both peers when nothing is asked", () => {
    expect(parseOptions([])).toEqual({
      stack: "dev",
      seconds: 15,
      warmUpSeconds: 30,
      rounds: 3,
      rates: [10, 60],
      peers: ["confluent-kafka", "kafka-python"],
      most: false,
      out: undefined,
    });
  });

  it("takes what it is given", () => {
    const args = [
      "lab",
      "--seconds",
      "20",
      "--rounds",
      "1",
      "--rates",
      "30",
      "--peers",
      "kafka-python",
      "--most",
    ];
    expect(parseOptions(args)).toMatchObject({
      stack: "lab",
      seconds: 20,
      rounds: 1,
      rates: [30],
      peers: ["kafka-python"],
      most: true,
    });
  });

  it.each([
    ["--seconds", "4"],
    ["--rates", "10,"],
    ["--peers", "kafkajs"],
  ])("names what it cannot use: %s %s", (name, value) => {
    expect(() => parseOptions([name, value])).toThrow(name);
  });
});
