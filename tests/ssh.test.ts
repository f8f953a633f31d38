import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { walk } from "../infra/testing/walk.ts";
import { docker, eventually, TestLab } from "./support/lab.ts";
import { hostEntries, LabHosts } from "./support/lab-hosts.ts";
import { Walker } from "./support/walker.ts";

/** Of this one the host with two of the three brokers loses its power, and updates come before it is back. */
const walkSeed = 14;

/** All pipelines on two bare machines, of which one has two of the three brokers. */
let machines: LabHosts;
let lab: TestLab;
/** What vm1 was like. */
let before: string;
/** Packages that its user has installed since. */
const ours: string[] = [];

/** Commands of the user's own. What the first writes says that no container was there yet. */
const file = "/etc/of-the-lab";
const commands = [
  {
    name: "first",
    on: ["vm1", "vm2"],
    create: `(date; sudo docker ps --all --quiet) | sudo tee ${file}`,
  },
  {
    name: "second",
    on: ["vm1"],
    create: `echo "after the first" | sudo tee --append ${file}`,
    delete: `sudo rm ${file}`,
  },
  {
    name: "with-token",
    on: ["vm2"],
    create: `echo "after the first, with \${#TOKEN}" | sudo tee --append ${file}`,
  },
];
const token = "a token of the lab's own";
const ofSomebodyElse = "/var/lib/containerd/of-somebody-else";
/** A LAN of one other machine, in a bridge of a name that begins as those of Docker's do. */
const lanBridge = `
  ip netns add lan
  ip link add br-lan type bridge
  ip link add lan-port type veth peer name lan-card netns lan
  ip link set lan-port master br-lan up
  ip addr add 10.99.0.1/24 dev br-lan
  ip link set br-lan up
  ip -n lan addr add 10.99.0.2/24 dev lan-card
  ip -n lan link set lan-card up
  ip -n lan route add default via 10.99.0.1`;
const brokenApt = "/etc/apt/apt.conf.d/99-broken";

const entries = (more: Readonly<Record<string, object>> = {}) => hostEntries(machines.hosts, more);
const host = (name: string) => {
  const found = machines.hosts.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no host ${name}`);
  return found;
};
const on = (name: string, ...args: string[]) => docker("exec", host(name).container, "docker", ...args);

const running = () => machines.running(lab.stack);

const ids = (all: Awaited<ReturnType<typeof running>>) =>
  Object.fromEntries([...all].map(([name, { id }]) => [name, id]));

async function allHealthy(): Promise<Awaited<ReturnType<typeof running>>> {
  return eventually("all to be healthy", async () => {
    const all = await running();
    return [...all.values()].every(({ status }) => status.includes("(healthy)")) ? all : undefined;
  });
}

/** The id of the newest image that has come back to the first producer. */
async function newest(): Promise<string | undefined> {
  const { producerUrls } = await lab.outputs();
  const response = await fetch(`${producerUrls[0]}/latencies`);
  const { samples } = (await response.json()) as { samples: { id: string; outcome: string }[] };
  return samples.findLast(({ outcome }) => outcome === "received")?.id;
}

async function dataFlow(): Promise<void> {
  const first = await eventually("a result", () => newest().catch(() => undefined));
  await eventually("another result", async () => {
    const now = await newest().catch(() => undefined);
    return now !== undefined && now !== first ? true : undefined;
  });
}

const packages = async () =>
  new Set(
    (await docker("exec", host("vm1").container, "dpkg-query", "-W", "-f", `\${Package}\n`)).split("\n"),
  );

beforeAll(async () => {
  machines = await LabHosts.start({ id: `edgelab-ssh-${process.pid}`, prefix: "172.31.78", count: 2 });
  before = await machines.snapshot(host("vm1"));
  const { container } = host("vm1");
  await docker("exec", container, "sh", "-ec", lanBridge);
  await docker("exec", container, "install", "-D", "/dev/null", ofSomebodyElse);
  await docker("exec", container, "sh", "-c", `echo 'DPkg::Pre-Invoke {"false";};' >${brokenApt}`);
  lab = new TestLab("two-hosts", {
    target: "ssh",
    "ssh.user": "lab",
    "ssh.keyFile": machines.keyFile,
    "ssh.hosts": entries(),
    "ssh.waitSeconds": 30,
    "ports.offset": 7000,
    producers: 1,
    // The host with two brokers goes on when the other is dead, and with it what shows that data flow.
    placement: JSON.stringify({ "classification-producer": "vm1", classifier: "vm1" }),
    "video.enabled": true,
    // What is looked at here are machines and containers, for which two processors have enough to do.
    "classification.rate": 4,
    "video.fps": 2,
    "grayscale.enabled": true,
    "sensors.enabled": true,
    "disk.budgetGB": 30,
    "hosts.commands": JSON.stringify(commands),
  });
  await lab.init();
  await lab.setSecret("hosts.secrets", JSON.stringify({ TOKEN: token }));
});
afterAll(async () => {
  await lab?.remove();
  await machines?.remove();
});

describe("hosts that cannot be made ready", () => {
  it("say that a port is taken, or what apt said; and what is installed since is not the lab's", async () => {
    const taken = host("vm2").container;
    const listen = `$s = IO::Socket::INET->new(LocalAddr => "0.0.0.0:9092", Listen => 1, ReuseAddr => 1) or die; sleep`;
    await docker("exec", "--detach", taken, "perl", "-MIO::Socket::INET", "-e", listen);
    const { exitCode, text } = await lab.tryUp();
    await docker("exec", taken, "pkill", "perl");
    expect(exitCode).not.toBe(0);
    expect(text).toMatch(/port 9092 is taken on this host by perl \(process \d+, .*\(kafka\.insidePort\)/);
    expect(text).toMatch(/apt-get cannot install docker\.io/);
    const { container } = host("vm1");
    await docker("exec", container, "rm", brokenApt);
    const without = await packages();
    await docker("exec", container, "apt-get", "install", "--yes", "--no-install-recommends", "nftables");
    ours.push(...[...(await packages())].filter((name) => !without.has(name)));
    expect(ours).toContain("nftables");
  });
});

describe("all pipelines on two bare machines", () => {
  it("come up from nothing until data flow, every container healthy, on both machines", async () => {
    await lab.up();
    const tunnel = lab.tunnel();
    try {
      await dataFlow();
    } finally {
      tunnel.kill("SIGINT");
    }
    const { exitCode, all: said } = await tunnel;
    expect(exitCode).toBe(0);
    expect(said).toContain("127.0.0.1:16601");
    const all = await running();
    expect([...all].filter(([, { status }]) => !status.includes("(healthy)"))).toEqual([]);
    const brokers = [0, 1, 2].map((number) => all.get(`kafka-${number}`)?.host);
    expect(brokers).toEqual(["vm1", "vm2", "vm1"]);
    const expected = ["postgres", "classification-producer-1", "video-producer-1", "grayscale-writer-1"];
    expect([...all.keys()]).toEqual(expect.arrayContaining([...expected, "sensors-store-1"]));
  });

  it("have run the user's own commands, in order and before any service", async () => {
    const written = async (name: string) =>
      (await docker("exec", host(name).container, "cat", file)).split("\n").slice(1);
    expect(await written("vm1")).toEqual(["after the first"]);
    expect(await written("vm2")).toEqual([`after the first, with ${token.length}`]);
  });

  it("let nobody but the lab's hosts in, and them only where they need it", async () => {
    const open = async (from: string, address: string, port: number) => {
      const command = `timeout 3 bash -c '</dev/tcp/${address}/${port}'`;
      const { exitCode } = await execa("docker", ["exec", from, "bash", "-c", command], { reject: false });
      return exitCode === 0;
    };
    const [vm1, vm2] = [host("vm1"), host("vm2")];
    const knock = `timeout 3 bash -c "</dev/tcp/${vm1.address}/$0"`;
    const lan = ["ip", "netns", "exec", "lan", "bash", "-c", knock];
    expect(await open(vm2.container, vm1.address, 9092)).toBe(true);
    expect(await open(vm2.container, vm1.address, 22)).toBe(true);
    // The database and all that use it are on one of them.
    expect(await open(vm1.container, vm2.address, 5432)).toBe(false);
    // Published on the loopback address of their host, for tunnels.
    for (const { address } of [vm1, vm2]) expect(await open(vm1.container, address, 16601)).toBe(false);
    // A network behind a bridge whose name begins as those of Docker's do.
    const reached = await execa("docker", ["exec", vm1.container, ...lan, "9092"], { reject: false });
    expect(reached.exitCode, reached.stderr).toBe(124);
    expect((await execa("docker", ["exec", vm1.container, ...lan, "22"], { reject: false })).exitCode).toBe(
      0,
    );
    // This machine is no host of the lab.
    const outside = (port: number) =>
      execa("timeout", ["3", "bash", "-c", `</dev/tcp/${vm1.address}/${port}`], { reject: false });
    expect((await outside(22)).exitCode).toBe(0);
    expect((await outside(9092)).exitCode).not.toBe(0);
  });

  it("change nothing the second time, nor after a refresh", async () => {
    await lab.up("--refresh", "--expect-no-changes");
    const { exitCode, text } = await lab.preview("--refresh", "--expect-no-changes");
    expect(exitCode, text).toBe(0);
  });

  it("would grow from one producer to three, and nothing else be touched", async () => {
    lab.set("producers", 3);
    const steps = (await lab.plan()).map(({ op, name }) => `${op} ${name}`);
    lab.set("producers", 1);
    const added = ["classification-producer-2", "classification-producer-3"];
    // Each with its container.
    expect(steps.sort()).toEqual(["", "vm1-"].flatMap((on) => added.map((name) => `create ${on}${name}`)));
  });

  it("are whole after each update of a walk of three steps, a host without power among them, and have lost nothing", async () => {
    const names = machines.hosts.map(({ name }) => name);
    const steps = walk({ seed: walkSeed, steps: 3, hosts: names, listed: names.length });
    // Neither host can be left out of this lab: one has most of Kafka's controllers, the other one the database.
    const walker = new Walker({ lab, machines, listed: names, config: () => ({}) });
    try {
      await walker.begin();
      await walker.take(steps);
    } finally {
      await walker.end();
    }
  });

  it("have again what somebody has removed or stopped by hand, and nothing else is touched", async () => {
    const first = await allHealthy();
    const hostOf = (name: string) => first.get(name)?.host ?? "";
    const removed = "classification-recorder-1";
    await on(hostOf(removed), "rm", "--force", "--volumes", `edgelab-${lab.stack}-${removed}`);
    await on(hostOf("kafka-1"), "stop", "--time", "5", `edgelab-${lab.stack}-kafka-1`);
    await lab.up("--refresh");
    const there = ids(first);
    const { [removed]: anew, ...others } = ids(await allHealthy());
    expect(anew).not.toBe(there[removed]);
    expect(others).toEqual(Object.fromEntries(Object.entries(there).filter(([name]) => name !== removed)));
    expect(await lab.plan()).toEqual([]);
  });

  it("are measured by ./scripts/cdf, whose summary names hosts and clocks", async () => {
    // Producers and classifier on two hosts, and so by two clocks.
    lab.set("placement", JSON.stringify({ "classification-producer": "vm2", classifier: "vm1" }));
    const out = join(machines.keyFile, "../cdf");
    const { exitCode, all } = await lab.cdf(out, "--producers", "1", "--seconds", "5", "--warmup", "5");
    expect(exitCode, all).toBe(0);
    const summary = JSON.parse(readFileSync(join(out, "summary.json"), "utf8")) as {
      clocks: string;
      hosts: { name: string; roles: string[] }[];
      windows: { containers: { name: string }[] }[];
    };
    expect(summary.clocks).toMatch(/vm[12] [+−]\d+\.\d ± \d+\.\d ms/);
    const classifier = (await running()).get("classification-classifier-1")?.host;
    expect(summary.hosts.find(({ name }) => name === classifier)?.roles).toContain("classifier");
    // Of every host.
    expect(summary.windows[0]?.containers.map(({ name }) => name)).toEqual(
      expect.arrayContaining([`edgelab-${lab.stack}-kafka-0`, `edgelab-${lab.stack}-kafka-1`]),
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
      { "ssh.hosts": entries({ vm2: { user: "plain" } }) },
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

  it("because a command of the user's own fails is told what that said, without its secrets", async () => {
    const fails = { name: "mount", on: ["vm1"], create: 'echo "no server takes $TOKEN" >&2; exit 32' };
    lab.set("hosts.commands", JSON.stringify([...commands, fails]));
    const { exitCode, text } = await lab.tryUp();
    lab.set("hosts.commands", JSON.stringify(commands));
    expect(exitCode).not.toBe(0);
    expect(text).toContain("no server takes [secret]");
    expect(text).not.toContain(token);
  });

  it("holds nothing up once the config is right again", async () => {
    await lab.up();
    expect(await lab.plan()).toEqual([]);
  });
});

describe("the end", () => {
  it("leaves the machines as they were, save for the user's own files, and says what it could not undo on a dead one", async () => {
    const dead = host("vm2");
    await machines.kill(dead);
    expect(await lab.destroy()).toMatch(/vm2 does not answer, so it was left as it is/);
    const left = host("vm1");
    const folder = "/var/lib/edgelab-files";
    const found = await docker(
      "exec",
      left.container,
      "sh",
      "-c",
      `[ ! -d ${folder} ] || find ${folder} -type f`,
    );
    const files = found.split("\n").filter((file) => file !== "");
    // Videos, and the notes that keep a finished one from being made again when its frames are read anew.
    expect(files.filter((file) => !/\.mp4$|\.avi$|\/\.work\/[^/]+\/done$/.test(file))).toEqual([]);
    await docker("exec", left.container, "rm", "-rf", folder);
    const there = await packages();
    expect(ours.filter((name) => !there.has(name))).toEqual([]);
    await docker("exec", left.container, "apt-get", "purge", "--yes", ...ours);
    await docker("exec", left.container, "sh", "-c", `rm ${ofSomebodyElse} && rmdir /var/lib/containerd`);
    // Of its own boot in the walk.
    await docker("exec", left.container, "rm", "-f", "/var/log/dmesg.0");
    expect(await machines.snapshot(left)).toBe(before);
    expect((await lab.leftovers()).flatMap(({ ids }) => ids)).toEqual([]);
  });
});
