import { describe, expect, it } from "vitest";
import { quietContext as context } from "../testing/quiet-context.ts";
import { type SweepInputs, sweepHandler } from "./sweep.ts";

const inputs: SweepInputs = { cloud: "", mark: "edgelab-dev-1234", kinds: ["network", "port"] };

describe("a sweep", () => {
  it("looks for the mark of its lab, and for all of it without a name", async () => {
    const all = await sweepHandler.create(inputs, context);
    expect(all).toEqual({ id: "edgelab-dev-1234", outputs: inputs });
    const one = await sweepHandler.create({ ...inputs, only: "dev-vm1" }, context);
    expect(one).toMatchObject({ id: "dev-vm1", outputs: { mark: "edgelab-dev-1234" } });
  });

  it("of a lab from before labs had ids is not given another mark, which would make all of the cloud's things anew", () => {
    const { mark: _, ...before } = inputs;
    const { failures } = sweepHandler.check(inputs, before as SweepInputs);
    expect(failures).toMatchObject([{ property: "mark", reason: expect.stringContaining("./scripts/down") }]);
    expect(sweepHandler.check(inputs, inputs).failures).toEqual([]);
  });

  it("means other things under another name or mark, and the same through another credential", () => {
    const olds = { inputs, outputs: inputs };
    expect(sweepHandler.diff(olds, inputs).changes).toEqual({});
    expect(sweepHandler.diff(olds, { ...inputs, cloud: "c" }).changes).toEqual({ cloud: "update" });
    expect(sweepHandler.diff(olds, { ...inputs, only: "dev-vm2" }).changes).toEqual({ only: "replace" });
  });

  it("knows the kinds that it can look for", () => {
    const { failures } = sweepHandler.check({ ...inputs, kinds: ["volume"] }, undefined);
    expect(failures.map(({ property }) => property)).toEqual(["kinds.0"]);
  });
});
