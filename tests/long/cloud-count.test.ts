import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CloudLab } from "../support/cloud-lab.ts";
import { Walker } from "../support/walker.ts";

let on: CloudLab;
let walker: Walker;

beforeAll(async () => {
  on = await CloudLab.start(4, 8000, { "openstack.count": 2 });
  await on.up();
  const { lab, machines } = on;
  walker = new Walker({ lab, machines, listed: ["vm1", "vm2"], config: () => ({}) });
  await walker.begin();
});
afterAll(async () => {
  await walker?.end();
  await on?.remove();
});

/** The hosts of services with data. */
async function keepers(): Promise<Record<string, string>> {
  const { placement } = (await on.lab.outputs()) as unknown as { placement: Record<string, string> };
  return Object.fromEntries(
    Object.entries(placement).filter(([name]) => /^(kafka-\d+|postgres)$/.test(name)),
  );
}

describe("a lab whose VMs come and go while images flow", () => {
  it.each([4, 3, 2])(
    "is whole with %d of them, keeps all data where they are, and has lost nothing",
    async (count) => {
      const before = await keepers();
      expect(Object.keys(before)).toHaveLength(4);
      on.lab.set("openstack.count", count);
      await walker.take([{ kind: "up", expect: "whole" }]);
      expect(await keepers()).toEqual(before);
      expect(await on.servers()).toHaveLength(count);
      expect(await on.lab.plan()).toEqual([]);
    },
  );
});
