import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLOUD_RESOURCES } from "../../scripts/lab/reachable.ts";
import { CloudLab } from "../support/cloud-lab.ts";
import { Walker } from "../support/walker.ts";

let on: CloudLab;
let walker: Walker;

beforeAll(async () => {
  on = await CloudLab.start(4, 8000, { "openstack.count": 2, "kafka.controllerPort": 29_093 });
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
  const { placement } = await on.lab.outputs();
  return Object.fromEntries(
    Object.entries(placement).filter(([name]) => /^(kafka-\d+|postgres)$/.test(name)),
  );
}

/** The VM with the database and one of three brokers is deleted, its disk with it, and made anew by an update. */
async function loseSecond(): Promise<void> {
  const gone = (await on.servers()).find(({ name }) => name === `${on.lab.stack}-vm2`);
  const machine = on.machines.hosts.find(({ name }) => name === "vm2");
  if (gone === undefined || machine === undefined) throw new Error("there is no vm2");
  await walker.replace(
    "vm2",
    async () => {
      await Promise.all([on.api.deleteServer(gone.id), on.machines.scrap(machine)]);
      await on.lab.refresh(CLOUD_RESOURCES);
    },
    () => on.standInFor(gone, machine),
  );
}

describe("a lab whose VMs come and go while images flow", () => {
  it("is whole again when one of two VMs was deleted and made anew", async () => {
    expect(await keepers()).toMatchObject({ "kafka-1": "vm2", postgres: "vm2" });
    await loseSecond();
  });

  it.each([4, 3, 2])(
    "is whole with %d of them, keeps all data where they are, and has lost nothing",
    async (count) => {
      const before = await keepers();
      expect(Object.keys(before)).toHaveLength(4);
      on.lab.set("openstack.count", count);
      await walker.take([{ kind: "up", expect: "whole" }]);
      expect(await keepers()).toEqual(before);
      expect(await on.servers()).toHaveLength(count);
      if (count > 2) await loseSecond();
      expect(await keepers()).toEqual(before);
      expect(await on.lab.plan()).toEqual([]);
    },
  );
});
