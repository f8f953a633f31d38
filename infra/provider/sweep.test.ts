import { describe, expect, it } from "vitest";
import type { Context } from "../../lib/provider/handler.ts";
import { type SweepInputs, sweepHandler } from "./sweep.ts";

const context: Context = {
  urn: "urn",
  signal: new AbortController().signal,
  log: async () => {},
  status: async () => {},
};
const inputs: SweepInputs = { cloud: "", prefix: "edgelab-dev", kinds: ["network", "port"] };

describe("a sweep", () => {
  it("draws a mark of its own, so that two labs of one name never meet", async () => {
    const [one, other] = await Promise.all([
      sweepHandler.create(inputs, context),
      sweepHandler.create(inputs, context),
    ]);
    expect(one.outputs.mark).toMatch(/^edgelab-dev-[0-9a-f]{10}$/);
    expect(other.outputs.mark).not.toBe(one.outputs.mark);
  });

  it("keeps the mark that it is given, and the one that it has drawn", async () => {
    const given = await sweepHandler.create({ ...inputs, mark: "m", only: "dev-vm1" }, context);
    expect(given).toMatchObject({ id: "dev-vm1", outputs: { mark: "m" } });
    const outputs = await sweepHandler.update(
      "m",
      { inputs, outputs: { ...inputs, mark: "m" } },
      { ...inputs, cloud: "chameleon" },
      context,
    );
    expect(outputs).toMatchObject({ cloud: "chameleon", mark: "m" });
  });

  it("means other things under another name or mark, and the same through another credential", () => {
    const olds = { inputs, outputs: { ...inputs, mark: "m" } };
    expect(sweepHandler.diff(olds, inputs).changes).toEqual({});
    expect(sweepHandler.diff(olds, { ...inputs, cloud: "c" }).changes).toEqual({ cloud: "update" });
    expect(sweepHandler.diff(olds, { ...inputs, only: "dev-vm2" }).changes).toEqual({ only: "replace" });
  });

  it("knows the kinds that it can look for", () => {
    const { failures } = sweepHandler.check({ ...inputs, kinds: ["volume"] }, undefined);
    expect(failures.map(({ property }) => property)).toEqual(["kinds.0"]);
  });
});
