import { describe, expect, it } from "vitest";
import { clusterIdentityHandler } from "./cluster-identity.ts";
import { drawText } from "./secret.ts";

describe("a cluster's identity", () => {
  it("refuses another number of controllers, and says what to do", () => {
    const { failures } = clusterIdentityHandler.check({ controllers: 3 }, { controllers: 1 });
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ property: "controllers" });
    expect(failures[0]?.reason).toMatch(/cannot change from 1 to 3 .*kafka\.brokers.*\.\/scripts\/down/);
  });

  it("takes the first number, and the same again", () => {
    expect(clusterIdentityHandler.check({ controllers: 3 }, undefined).failures).toEqual([]);
    expect(clusterIdentityHandler.check({ controllers: 3 }, { controllers: 3 }).failures).toEqual([]);
  });
});

describe("drawText", () => {
  it("is as long as the bytes make it, without padding, and never reads as an option", () => {
    const drawn = Array.from({ length: 500 }, () => drawText(16));
    for (const text of drawn) expect(text).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/);
    expect(new Set(drawn).size).toBe(500);
  });
});
