import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLOUD_RESOURCES } from "../../scripts/lab/reachable.ts";
import { CloudLab, type Named, type Server } from "../support/cloud-lab.ts";
import { docker, eventually } from "../support/lab.ts";

let on: CloudLab;

beforeAll(async () => {
  // The lab of tests/openstack.test.ts has KRaft.
  on = await CloudLab.start(5, 8000, { "kafka.mode": "zookeeper", "kafka.version": "3.9" });
  await on.up();
});
afterAll(() => on?.remove());

describe("a lab on VMs", () => {
  let four: readonly string[];
  const portsOfFifth = async () =>
    (await on.api.network<Named>("ports")).filter(({ name }) => name === `${on.lab.stack}-vm5`);

  it("has a VM more in spite of an API that goes away half-way", async () => {
    four = (await on.servers()).map((server) => server.id).sort();
    // As if an earlier attempt had got as far as this without ever seeing the answer.
    await on.leftByNobody("vm5", "192.168.5.15");
    const orphan = (await portsOfFifth())[0]?.id;
    on.lab.set("openstack.count", 5);
    const failing = on.lab.tryUp();
    await eventually("a port of its own for the fifth VM", async () =>
      (await portsOfFifth()).find(({ id }) => id !== orphan),
    );
    await on.cloud.kill();
    const { exitCode, text } = await failing;
    expect(exitCode, text).not.toBe(0);
    expect(text).toMatch(/connection refused|connection reset|EOF|does not answer/i);
    const away = await on.lab.preview();
    expect(away.text).toMatch(/the cloud cannot be asked for|connection refused/);
    await on.bringBack();

    await on.lab.up("--refresh");
    const five = (await on.servers()).map((server) => server.id);
    expect(five).toEqual(expect.arrayContaining([...four]));
    expect(five).toHaveLength(5);
    expect(await portsOfFifth()).toHaveLength(1);
  });

  it("has it no longer when config no longer asks for it", async () => {
    on.lab.set("openstack.count", undefined);
    await on.lab.up();
    expect((await on.servers()).map((server) => server.id).sort()).toEqual(four);
    expect(await portsOfFifth()).toEqual([]);
    expect(await on.lab.plan()).toEqual([]);
  });

  it("has its services again on the VM that stands in for one that is gone", async () => {
    const all = await on.servers();
    const gone = all.find(({ name }) => name === `${on.lab.stack}-vm4`);
    const [, , , machine] = on.machines.hosts;
    if (gone === undefined || machine === undefined) throw new Error("there is no vm4");
    const services = () =>
      docker("exec", machine.container, "docker", "ps", "--format", "{{.Names}} {{.Status}}");
    const names = (text: string) =>
      text
        .split("\n")
        .map((line) => line.split(" ")[0])
        .sort();
    const before = names(await services());
    expect(before).toContain(`edgelab-${on.lab.stack}-classification-classifier-1`);
    await Promise.all([on.api.deleteServer(gone.id), on.machines.scrap(machine)]);
    await on.lab.refresh(CLOUD_RESOURCES);
    await Promise.all([on.lab.up(), on.standInFor(gone, machine)]);
    const after = await services();
    expect(names(after)).toEqual(before);
    expect(after).not.toMatch(/unhealthy|starting/);
    const others = (list: readonly Server[]) =>
      list.filter(({ name }) => name !== gone.name).map(({ id }) => id);
    expect(others(await on.servers()).sort()).toEqual(others(all).sort());
  });
});
