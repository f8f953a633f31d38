import * as openstack from "@pulumi/openstack";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it } from "vitest";
import type { Lab } from "../../lab.ts";
import { parseConfig, planLab } from "../../pipelines/all.ts";
import { type Recorded, recordResources, settled, unitLab } from "../../testing/mocks.ts";
import { VmNetwork } from "./network.ts";
import { SecurityGroups } from "./security-groups.ts";
import { Sweep } from "./sweep.ts";
import { Vm } from "./vm.ts";

const config = parseConfig({
  target: "openstack",
  "openstack.cidr": "192.168.5.0/24",
  "openstack.dns": "[192.0.2.53, 192.0.2.54]",
  "openstack.sshCidrs": '["203.0.113.7/32","198.51.100.0/24"]',
  "ssh.keyFile": "/nowhere/key",
});
const plan = planLab(config);

let recorded: Recorded[];
let lab: Lab;
beforeEach(async () => {
  recorded = await recordResources();
  lab = unitLab();
});

/** What was declared, once all of it is. */
async function declared(type: string): Promise<Recorded[]> {
  await pulumi.runtime.disconnect();
  return recorded.filter((one) => one.type === type);
}
const only = async (type: string) => {
  const all = await declared(type);
  expect(all).toHaveLength(1);
  return all[0]?.inputs;
};

const newNetwork = (sweep: Sweep) =>
  new VmNetwork("vms-network", {
    lab,
    sweep,
    cidr: config.openstack.cidr,
    dns: config.openstack.dns,
    external: "the-outside",
  });

describe("VmNetwork", () => {
  it("has one subnet with a way to the outside, marked and tagged as the lab's", async () => {
    newNetwork(new Sweep("vms-sweep", { lab }));
    const own = {
      name: "edgelab-unit-network",
      description: "edgelab-unit-1234",
      tags: ["edgelab.project=edgelab", "edgelab.stack=unit", "edgelab.lab=edgelab-unit-1234"],
    };
    expect(await only("openstack:networking/network:Network")).toMatchObject(own);
    expect(await only("openstack:networking/subnet:Subnet")).toMatchObject({
      ...own,
      networkId: "vms-network-id",
      cidr: "192.168.5.0/24",
      dnsNameservers: ["192.0.2.53", "192.0.2.54"],
    });
    expect(await only("openstack:networking/router:Router")).toMatchObject({
      ...own,
      externalNetworkId: "the-outside",
    });
    expect(await only("openstack:networking/routerInterface:RouterInterface")).toEqual({
      routerId: "vms-network-router-id",
      subnetId: "vms-network-subnet-id",
    });
  });

  it("gives VMs addresses one after the other, clear of the gateway", async () => {
    const network = newNetwork(new Sweep("vms-sweep", { lab }));
    expect([0, 1, 4].map((index) => network.address(index))).toEqual([
      "192.168.5.11",
      "192.168.5.12",
      "192.168.5.15",
    ]);
    await declared("openstack:networking/network:Network");
  });
});

describe("SecurityGroups", () => {
  const newGroups = () =>
    new SecurityGroups("vms-security", {
      lab,
      plan,
      sshCidrs: config.openstack.sshCidrs,
      sweep: new Sweep("vms-sweep", { lab }),
    });

  it("let the world in nowhere: SSH from the config's networks, all else from members of the lab", async () => {
    newGroups();
    const rules = (await declared("openstack:networking/secGroupRule:SecGroupRule")).map(
      ({ inputs }) => inputs,
    );
    const outside = rules.filter(({ remoteIpPrefix }) => remoteIpPrefix !== undefined);
    expect(outside.map((rule) => [rule.securityGroupId, rule.portRangeMin, rule.remoteIpPrefix])).toEqual([
      ["vms-security-entrance-id", 22, "203.0.113.7/32"],
      ["vms-security-entrance-id", 22, "198.51.100.0/24"],
    ]);
    const inside = rules.filter((rule) => !outside.includes(rule));
    expect(inside.length).toBeGreaterThan(2);
    for (const rule of inside) expect(rule.remoteGroupId).toBe("vms-security-members-id");
    for (const { direction, protocol, portRangeMin, portRangeMax } of rules) {
      expect([direction, protocol, portRangeMax]).toEqual(["ingress", "tcp", portRangeMin]);
    }
  });

  it("open of each role the ports of its own services", async () => {
    newGroups();
    const rules = (await declared("openstack:networking/secGroupRule:SecGroupRule")).map(
      ({ inputs }) => inputs,
    );
    const into = (group: string) =>
      rules
        .filter(({ securityGroupId }) => securityGroupId === `vms-security-${group}-id`)
        .map(({ portRangeMin }) => portRangeMin);
    expect(into("members")).toEqual([22]);
    expect(into("broker")).toEqual([9092, config.kafka.controllerPort]);
  });

  it("give a VM the groups of its roles, and the entrance to the first alone", async () => {
    const groups = newGroups();
    const ids = (entrance: boolean) =>
      settled(pulumi.all(groups.of(["broker", "broker", "recorder"], entrance)));
    expect(await ids(false)).toEqual(["vms-security-members-id", "vms-security-broker-id"]);
    expect(await ids(true)).toContain("vms-security-entrance-id");
    await declared("openstack:networking/secGroup:SecGroup");
  });
});

describe("Vm", () => {
  const newVm = (settings: Partial<typeof config.openstack> = {}, groups?: pulumi.Output<string>[]) => {
    const sweep = new Sweep("vms-sweep", { lab });
    return new Vm("vm2", {
      lab,
      settings: { ...config.openstack, ...settings },
      kind: { image: "CC-Ubuntu22.04", flavor: "m1.medium" },
      key: new openstack.compute.Keypair("vms-key", { name: "edgelab-unit-1234-key" }),
      sweep,
      network: newNetwork(sweep),
      address: "192.168.5.12",
      groups,
      spread: undefined,
      keepData: true,
    });
  };

  it("stands at its fixed address behind its groups, and its first start does next to nothing", async () => {
    newVm({}, [pulumi.output("a-group")]);
    const port = await only("openstack:networking/port:Port");
    expect(port).toMatchObject({
      name: "unit-vm2",
      fixedIps: [{ subnetId: "vms-network-subnet-id", ipAddress: "192.168.5.12" }],
      securityGroupIds: ["a-group"],
    });
    const instance = await only("openstack:compute/instance:Instance");
    expect(instance).toMatchObject({
      name: "unit-vm2",
      imageName: "CC-Ubuntu22.04",
      flavorName: "m1.medium",
      keyPair: "edgelab-unit-1234-key",
      networks: [{ port: "vm2-port-id" }],
      userData: "#cloud-config\nssh_pwauth: false\n",
    });
    expect(instance).not.toHaveProperty("blockDevices");
    expect(instance).not.toHaveProperty("schedulerHints");
    expect(await declared("openstack:blockstorage/volume:Volume")).toEqual([]);
  });

  it("has no security groups on bare metal, and asks for its reservation", async () => {
    newVm({ reservation: "a-lease" });
    expect(await only("openstack:networking/port:Port")).toMatchObject({
      noSecurityGroups: true,
      portSecurityEnabled: false,
    });
    expect(await only("openstack:compute/instance:Instance")).toMatchObject({
      schedulerHints: [{ additionalProperties: { reservation: "a-lease" } }],
    });
  });

  it("keeps Docker's data on a volume where config gives it one", async () => {
    newVm({ dataVolumeGB: 40 });
    expect(await only("openstack:blockstorage/volume:Volume")).toMatchObject({
      name: "unit-vm2-data",
      size: 40,
      metadata: { "edgelab.stack": "unit", "edgelab.role": "data" },
    });
    const instance = await only("openstack:compute/instance:Instance");
    expect(instance?.userData).toContain("/var/lib/docker");
    expect(instance?.blockDevices).toMatchObject([
      { uuid: "id-of-CC-Ubuntu22.04", deleteOnTermination: true },
      { uuid: "vm2-data-id", deleteOnTermination: false },
    ]);
  });
});
