import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Network } from "./network.ts";

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "edgelab-network-"));
});
afterEach(() => rmSync(cache, { recursive: true }));

describe("refuse", () => {
  it("keeps what parts that are got side by side could not reach", async () => {
    const network = new Network(cache);
    const places = ["docker plugin", "command plugin", "openstack plugin", "images"];
    await Promise.all(places.map((place) => network.refuse(place)));
    for (const place of places) expect([place, await network.isRefused(place)]).toEqual([place, true]);
  });

  it("is remembered for an hour", async () => {
    let now = 0;
    const network = new Network(cache, () => now);
    await network.refuse("images");
    now = 59 * 60_000;
    expect(await network.isRefused("images")).toBe(true);
    now = 61 * 60_000;
    expect(await network.isRefused("images")).toBe(false);
  });
});
