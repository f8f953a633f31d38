import { describe, expect, it } from "vitest";
import { quietContext as context } from "../testing/quiet-context.ts";
import { clusterIdentityHandler, type IdentityInputs, type IdentityOutputs } from "./cluster-identity.ts";
import { drawText } from "./secret.ts";

const three: IdentityInputs = { controllers: 3, by: "combined", version: "4.2" };
const refused = (from: Partial<IdentityInputs>, to: Partial<IdentityInputs>) =>
  clusterIdentityHandler
    .check({ ...three, ...to }, { ...three, ...from })
    .failures.map(({ property, reason }) => `${property}: ${reason}`);

describe("a cluster's identity", () => {
  it("refuses another number of controllers, and says what to do", () => {
    const told = refused({ controllers: 1 }, {});
    expect(told).toEqual([
      expect.stringMatching(/^controllers: .*cannot change from 1 to 3 .*kafka\.brokers.*\.\/scripts\/down/),
    ]);
    const ensemble = { by: "zookeeper", version: "3.9" } as const;
    expect(refused({ ...ensemble, controllers: 5 }, ensemble)).toEqual([
      expect.stringContaining("Set zookeeper.nodes back to 5"),
    ]);
    const old = { by: "controllers" } as const;
    expect(refused({ ...old, controllers: 5 }, old)).toEqual([
      expect.stringMatching(/from 5 to 3 controllers: it was made when .*Set kafka\.controllers back to 5/),
    ]);
  });

  it("lets controllers beside the brokers become more and fewer, and keeps the first ones", async () => {
    const first = ["100@a:1", "101@b:1", "102@c:1"];
    const apart: IdentityInputs = { ...three, by: "controllers", first };
    const five: IdentityInputs = { ...apart, controllers: 5, first: [...first, "103@d:1", "104@e:1"] };
    const { inputs, failures } = clusterIdentityHandler.check(five, apart);
    expect({ inputs, failures }).toEqual({ inputs: { ...five, first }, failures: [] });
    const { outputs } = await clusterIdentityHandler.create(apart, context);
    expect(outputs.firstVoters).toMatch(/^100@a:1:[\w-]{22},101@b:1:[\w-]{22},102@c:1:[\w-]{22}$/);
    expect(clusterIdentityHandler.diff({ inputs: apart, outputs }, inputs).changes).toEqual({
      controllers: "update",
    });
    const updated = await clusterIdentityHandler.update("id", { inputs: apart, outputs }, inputs, context);
    expect(updated).toEqual({ ...outputs, controllers: 5 });
  });

  it("has no first controllers where who votes is a fixed list, as in every lab from before", async () => {
    expect((await clusterIdentityHandler.create(three, context)).outputs.firstVoters).toBe("");
    const old: IdentityInputs = { ...three, by: "controllers" };
    const known = { ...old, clusterId: "the-cluster" } as IdentityOutputs;
    const read = await clusterIdentityHandler.read("id", known, old, context);
    expect(read?.outputs.firstVoters).toBe("");
    expect(clusterIdentityHandler.check({ ...old, first: ["100@a:1"] }, old).inputs).toEqual(old);
  });

  it("refuses what would know none of the topics, whichever way", () => {
    const zookeeper = { by: "zookeeper", version: "3.9" } as const;
    expect(refused({ version: "3.9" }, zookeeper)).toEqual([
      expect.stringMatching(/^by: .* to ZooKeeper, .*kafka\.mode back to kraft .*, or make a new cluster/),
    ]);
    expect(refused(zookeeper, { version: "3.9" })).toEqual([
      expect.stringMatching(/^by: .* from ZooKeeper .*Set kafka\.mode back to zookeeper/),
    ]);
    expect(refused({}, { by: "controllers" })).toHaveLength(1);
  });

  it("lets Kafka become newer, which changes nothing but that, and never older", () => {
    expect(refused({ version: "3.9" }, {})).toEqual([]);
    expect(refused({}, { version: "3.9" })).toEqual([
      expect.stringContaining("Kafka 3.9 cannot read what 4.2 has written. Set kafka.version back to 4.2"),
    ]);
    const outputs = { ...three, version: "3.9", clusterId: "the-cluster", firstVoters: "" } as const;
    const before = { inputs: { ...three, version: "3.9" }, outputs } as const;
    expect(clusterIdentityHandler.diff(before, three)).toEqual({ changes: { version: "update" } });
  });

  it("takes the first number, and the same again, also of a lab from before there was a choice", () => {
    expect(clusterIdentityHandler.check(three, undefined).failures).toEqual([]);
    expect(refused({}, {})).toEqual([]);
    const old = { controllers: 3 } as IdentityInputs;
    expect(clusterIdentityHandler.check(three, old).failures).toEqual([]);
    const before = { inputs: old, outputs: { ...three, clusterId: "the-cluster", firstVoters: "" } };
    expect(clusterIdentityHandler.diff(before, three)).toEqual({ changes: {} });
  });
});

describe("drawText", () => {
  it("is as long as the bytes make it, without padding, and never reads as an option", () => {
    const drawn = Array.from({ length: 500 }, () => drawText(16));
    for (const text of drawn) expect(text).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/);
    expect(new Set(drawn).size).toBe(500);
  });
});
