import { describe, expect, it } from "vitest";
import { spreadHandler } from "./spread.ts";

const three = {
  bootstrapServers: ["127.0.0.1:29092"],
  brokers: [0, 1, 2].map((id) => ({ id, host: "local" })),
  megabytesPerSecond: 20,
};
const four = { ...three, brokers: [...three.brokers, { id: 3, host: "local" }] };

describe("diff", () => {
  it("is one when brokers come or go, and not for another way to them or another bound", () => {
    const before = { inputs: three, outputs: { ...three, moving: false } };
    expect(spreadHandler.diff(before, four).changes).toEqual({ brokers: "update" });
    const other = { ...three, bootstrapServers: ["b:1"], megabytesPerSecond: 5 };
    expect(spreadHandler.diff(before, other).changes).toEqual({});
  });

  it("is one as long as replicas are on their way, also with the brokers of before", () => {
    const cut = { inputs: four, outputs: { ...four, moving: true } };
    expect(spreadHandler.diff(cut, four).changes).toEqual({ moving: "update" });
    expect(spreadHandler.diff(cut, three).changes).toEqual({ brokers: "update", moving: "update" });
  });
});
