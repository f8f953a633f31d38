import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { docker, eventually, TestLab } from "./support/lab.ts";
import { LabHosts } from "./support/lab-hosts.ts";

let machines: LabHosts;
let lab: TestLab;
const before = new Map<string, string>();

const entries = (more: Readonly<Record<string, object>> = {}) =>
  JSON.stringify(machines.hosts.map(({ name, address }) => ({ name, address, ...more[name] })));
const host = (name: string) => {
  const found = machines.hosts.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no host ${name}`);
  return found;
};
/** Names of the running containers of the lab on a host. */
const running = async (name: string) =>
  (await docker("exec", host(name).container, "docker", "ps", "--format", "{{.Names}} {{.Status}}"))
    .split("\n")
    .filter((line) => line.includes(lab.stack));

/** The id of the newest image that has come back to the first producer. */
async function newest(): Promise<string | undefined> {
  const { producerUrls } = await lab.outputs();
  const response = await fetch(`${producerUrls[0]}/latencies`);
  const { samples } = (await response.json()) as { samples: { id: string; outcome: string }[] };
  return samples.findLast(({ outcome }) => outcome === "received")?.id;
}

async function dataFlow(): Promise<void> {
  const first = await eventually("a result", 120, () => newest().catch(() => undefined));
  await eventually("another result", 60, async () => {
    const now = await newest().catch(() => undefined);
    return now !== undefined && now !== first ? true : undefined;
  });
}

beforeAll(async () => {
  machines = await LabHosts.start({ id: `edgelab-ssh-${process.pid}`, prefix: "172.31.78", count: 4 });
  for (const one of machines.hosts) before.set(one.name, await machines.snapshot(one));
  lab = new TestLab("ssh", {
    target: "ssh",
    "ssh.user": "lab",
    "ssh.keyFile": machines.keyFile,
    "ssh.hosts": entries(),
    "ssh.waitSeconds": 30,
    "ports.offset": 7000,
  });
  await lab.init();
});
afterAll(async () => {
  await lab?.remove();
  await machines?.remove();
});

describe("a lab on four bare machines", () => {
  it("is stood up from nothing until data flow, brokers on three of them", async () => {
    await lab.up();
    const tunnel = lab.tunnel();
    try {
      await dataFlow();
    } finally {
      tunnel.kill("SIGINT");
    }
    const { exitCode, all } = await tunnel;
    expect(exitCode).toBe(0);
    expect(all).toContain("127.0.0.1:16601");
    const brokers = await Promise.all(["vm1", "vm2", "vm3"].map(running));
    expect(brokers.map((names) => names.filter((name) => name.includes("kafka")).length)).toEqual([1, 1, 1]);
    expect((await running("vm4")).every((line) => line.includes("(healthy)"))).toBe(true);
  });

  it("lets nobody but the lab's hosts in, and them only where they need it", async () => {
    const open = async (from: string, address: string, port: number) => {
      const command = `timeout 3 bash -c '</dev/tcp/${address}/${port}'`;
      const { exitCode } = await execa("docker", ["exec", from, "bash", "-c", command], { reject: false });
      return exitCode === 0;
    };
    const [vm1, vm4] = [host("vm1"), host("vm4")];
    expect(await open(vm4.container, vm1.address, 9092)).toBe(true);
    expect(await open(vm4.container, vm1.address, 22)).toBe(true);
    expect(await open(vm1.container, vm4.address, 5432)).toBe(false);
    // This machine is no host of the lab.
    const outside = (port: number) =>
      execa("timeout", ["3", "bash", "-c", `</dev/tcp/${vm1.address}/${port}`], { reject: false });
    expect((await outside(22)).exitCode).toBe(0);
    expect((await outside(9092)).exitCode).not.toBe(0);
  });

  it("changes nothing when it is brought up again", async () => {
    expect(await lab.plan()).toEqual([]);
    expect(await lab.up("--refresh")).not.toMatch(/^ {4}[-+~] /m);
  });

  it("adds three producers and touches nothing else", async () => {
    lab.set("producers", 4);
    const names = (await lab.plan()).map(({ op, name }) => `${op} ${name}`);
    expect(names.filter((name) => !/classification-producer-[234]$/.test(name)).sort()).toEqual([
      // Producers run on other machines too, and what runs them has to get there.
      ...["vm1", "vm2", "vm3"].map((name) => `create ${name}-dataset-image`),
    ]);
    await lab.up();
    expect(await running("vm3")).toEqual(
      expect.arrayContaining([expect.stringContaining("classification-producer-4")]),
    );
  });

  it("goes on while one host is dead, and is whole again when that is back", async () => {
    const vm2 = host("vm2");
    const tunnel = lab.tunnel();
    try {
      await dataFlow();
      await machines.kill(vm2);
      await dataFlow();
      await machines.bringBack(vm2);
      await lab.up("--refresh");
      await dataFlow();
    } finally {
      tunnel.kill("SIGINT");
      await tunnel;
    }
    expect((await running("vm2")).every((line) => line.includes("(healthy)"))).toBe(true);
    expect(await lab.plan()).toEqual([]);
  });

  it("is measured by ./scripts/cdf, whose summary names hosts and clocks", async () => {
    const out = join(machines.keyFile, "../cdf");
    const { exitCode, all } = await lab.cdf(out, "--producers", "4", "--seconds", "5", "--warmup", "5");
    expect(exitCode, all).toBe(0);
    const summary = JSON.parse(readFileSync(join(out, "summary.json"), "utf8")) as {
      clocks: string;
      hosts: { name: string; roles: string[] }[];
      windows: { containers: { name: string }[] }[];
    };
    expect(summary.clocks).toMatch(/vm1 [+−]\d+\.\d ± \d+\.\d ms/);
    expect(summary.hosts.find(({ name }) => name === "vm4")?.roles).toContain("classifier");
    // Of every host.
    expect(summary.windows[0]?.containers.map(({ name }) => name)).toEqual(
      expect.arrayContaining([`edgelab-${lab.stack}-kafka-0`, `edgelab-${lab.stack}-postgres`]),
    );
  });
});

describe("a host that does not let us in", () => {
  const wrong = async (config: Record<string, unknown>, message: RegExp) => {
    const now: Record<string, unknown> = {
      "ssh.keyFile": machines.keyFile,
      "ssh.hosts": entries(),
      "ssh.waitSeconds": 30,
    };
    for (const [key, value] of Object.entries(config)) lab.set(key, value);
    const { exitCode, text } = await lab.tryUp();
    for (const [key, value] of Object.entries(now)) lab.set(key, value);
    expect(exitCode).not.toBe(0);
    expect(text).toMatch(message);
    expect(text).toMatch(/fix: /);
  };

  it("because of the key is told with the command that lets it in", async () => {
    const other = `${machines.keyFile}-other`;
    await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", other]);
    await wrong({ "ssh.keyFile": other }, /refuses the key .*key-other[\s\S]*ssh-copy-id/);
  });

  it("because its own key is another one is told as such", async () => {
    const { name } = host("vm1");
    const hostKey = await machines.hostKey(host("vm2"));
    await wrong({ "ssh.hosts": entries({ [name]: { hostKey } }) }, /has another host key[\s\S]*ssh-keyscan/);
  });

  it("because it may not use sudo is told with the line for sudoers", async () => {
    await wrong(
      { "ssh.hosts": entries({ vm3: { user: "plain" } }) },
      /plain may not become root[\s\S]*NOPASSWD/,
    );
  });

  it("because nothing answers is told after the time that config gives it", async () => {
    const hosts = [...JSON.parse(entries()), { name: "vm9", address: "172.31.78.99" }];
    await wrong(
      { "ssh.hosts": JSON.stringify(hosts), "ssh.waitSeconds": 5 },
      /vm9 did not answer within 5 s \(ssh\.waitSeconds\)/,
    );
  });

  it("holds nothing up once the config is right again", async () => {
    await lab.up();
    expect(await lab.plan()).toEqual([]);
  });
});

describe("the end", () => {
  it("leaves every machine as it was, and says what it could not undo on one that is dead", async () => {
    const dead = host("vm2");
    await machines.kill(dead);
    expect(await lab.destroy()).toMatch(/vm2 does not answer, so it was left as it is/);
    for (const one of machines.hosts.filter(({ name }) => name !== "vm2")) {
      expect(await machines.snapshot(one), one.name).toBe(before.get(one.name));
    }
    expect((await lab.leftovers()).flatMap(({ ids }) => ids)).toEqual([]);
  });
});
