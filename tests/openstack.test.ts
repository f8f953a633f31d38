import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { admin, CloudApi } from "./support/cloud.ts";
import { CloudLab, type Named, operator, type Rule } from "./support/cloud-lab.ts";
import { docker } from "./support/lab.ts";

/** What fails, and what grows, is in tests/long/cloud.test.ts. */
let on: CloudLab;

beforeAll(async () => {
  on = await CloudLab.start(4, 8000);
});
afterAll(() => on?.remove());

const wrong = async (key: string, value: unknown, usual: unknown, message: RegExp) => {
  on.lab.set(key, value);
  const { exitCode, text } = await on.lab.preview();
  on.lab.set(key, usual);
  expect(exitCode).not.toBe(0);
  expect(text).toMatch(message);
};

describe("names that the cloud does not know", () => {
  it.each([
    ["openstack.flavor", "m9.giant", /no flavor m9\.giant \(openstack\.flavor\)[\s\S]*openstack flavor list/],
    [
      "openstack.image",
      "CC-Ubuntu99",
      /no image CC-Ubuntu99 \(openstack\.image\)[\s\S]*openstack image list/,
    ],
    ["openstack.externalNetwork", "pubic", /no network pubic[\s\S]*openstack network list/],
  ])("stop the preview: %s", async (key, value, message) => {
    await wrong(key, value, undefined, message);
    expect(await on.leftovers()).toEqual([]);
  });

  it("stop it also when a flavor is smaller than the config counts on", async () => {
    await wrong(
      "openstack.memoryMB",
      8192,
      undefined,
      /flavor m1\.medium is smaller .*openstack\.memoryMB is 8192, it has 4096/,
    );
  });
});

describe("a lab on VMs", () => {
  it("is stood up from nothing until every service is healthy", async () => {
    await on.up();
    const brokers = await docker(
      "exec",
      on.machines.hosts[0]?.container ?? "",
      "docker",
      "ps",
      "--format",
      "{{.Names}} {{.Status}}",
    );
    expect(brokers).toMatch(/kafka-0 .*\(healthy\)/);
  });

  it("has the VMs at their addresses, marked as the lab's", async () => {
    const all = (await on.servers()).sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(all.map(({ name }) => name)).toEqual([1, 2, 3, 4].map((number) => `${on.lab.stack}-vm${number}`));
    for (const [index, server] of all.entries()) {
      const addresses = Object.values(server.addresses).flat();
      const fixed = addresses.filter((one) => one["OS-EXT-IPS:type"] === "fixed").map(({ addr }) => addr);
      expect(fixed).toEqual([`192.168.5.${11 + index}`]);
      expect(addresses.length).toBe(index === 0 ? 2 : 1);
      expect(server).toMatchObject({
        status: "ACTIVE",
        metadata: {
          "edgelab.project": "edgelab",
          "edgelab.stack": on.lab.stack,
          "edgelab.lab": on.lab.labId(),
        },
      });
    }
    const [network] = await on.api.network<Named>("networks");
    expect(network?.tags).toEqual(expect.arrayContaining([`edgelab.stack=${on.lab.stack}`]));
    const subnets = await on.api.network<{ readonly dns_nameservers: readonly string[] }>("subnets");
    expect(subnets.map(({ dns_nameservers }) => dns_nameservers)).toEqual([["198.18.77.53"]]);
  });

  it("has exactly the ports open that the table has", async () => {
    expect(await on.open()).toEqual([
      "broker tcp 9092-9092 members",
      "broker tcp 9093-9093 members",
      `entrance tcp 22-22 ${operator}/32`,
      "members tcp 22-22 members",
    ]);
  });

  it("breaks no rule of the policy pack, which is told who may log in", async () => {
    const folder = mkdtempSync(join(tmpdir(), "edgelab-rules-"));
    const rules = join(folder, "rules.json");
    writeFileSync(rules, JSON.stringify({ "no-open-security-groups": { sshCidrs: [`${operator}/32`] } }));
    const packDir = join(import.meta.dirname, "../policy");
    const { exitCode, text } = await on.lab.preview("--policy-pack", packDir, "--policy-pack-config", rules);
    rmSync(folder, { recursive: true });
    expect(exitCode, text).toBe(0);
    expect(text).toContain("edgelab@");
    expect(text).not.toContain("useOctavia");
    expect(text).not.toContain("[mandatory]");
  });

  it("changes nothing when it is brought up again, but for a security group rule that was deleted by hand", async () => {
    expect(await on.lab.plan()).toEqual([]);
    const before = await on.open();
    const rules = await on.api.network<Rule>("security-group-rules");
    const rule = rules.find(({ port_range_min }) => port_range_min === 9092);
    await on.api.deleteRule(rule?.id ?? "");
    expect(await on.open()).not.toEqual(before);
    expect(await on.lab.up("--refresh")).toMatch(/\b1 created[\s\S]* unchanged/);
    expect(await on.open()).toEqual(before);
    expect(await on.lab.plan()).toEqual([]);
  });

  it("refuses a VM more when the quota has no room for it, before anything is made", async () => {
    const asAdmin = await CloudApi.login(admin);
    await asAdmin.setInstanceQuota(on.api.projectId, 4);
    const message = /it may have 4 VMs, of which others have 0, .* take 5[\s\S]*openstack quota show/;
    await wrong("openstack.count", 5, undefined, message);
    await asAdmin.setInstanceQuota(on.api.projectId, 10);
  });
});

describe("the end", () => {
  it("leaves nothing in the project, not even what the lab does not know of", async () => {
    await on.leftByNobody("vm3", "192.168.5.99");
    await on.lab.destroy();
    expect(await on.leftovers()).toEqual([]);
    expect((await on.lab.leftovers()).flatMap(({ ids }) => ids)).toEqual([]);
  });
});
