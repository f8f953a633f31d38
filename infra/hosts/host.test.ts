import { expect, it } from "vitest";
import { type Host, hostFinder } from "./host.ts";

it("refuses a service that was not planned, on every target alike", () => {
  const host = { name: "local" } as Host;
  const hostOf = hostFinder([host], [{ name: "kafka-0", host: "local" }]);
  expect(hostOf("kafka-0")).toBe(host);
  expect(() => hostOf("kafka-O")).toThrow("kafka-O has no host: it is not among the planned services");
});
