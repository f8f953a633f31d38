import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { docker, eventually, TestLab } from "./support/lab.ts";
import { LabHosts } from "./support/lab-hosts.ts";

/** All pipelines on two bare machines, of which one has two of the three brokers: what comes up stays as it is told. */
let machines: LabHosts;
let lab: TestLab;
const before = new Map<string, string>();

const on = (name: string, ...args: string[]) =>
  docker("exec", machines.hosts.find((one) => one.name === name)?.container ?? name, "docker", ...args);

/** Running containers of the lab by name, with the host each is on, its id and its state. */
async function running(): Promise<Map<string, { host: string; id: string; status: string }>> {
  const found = new Map<string, { host: string; id: string; status: string }>();
  for (const { name: host } of machines.hosts) {
    const format = "--format={{.Names}} {{.ID}} {{.Status}}";
    const lines = (await on(host, "ps", "--filter", `label=edgelab.stack=${lab.stack}`, format)).split("\n");
    for (const line of lines.filter((one) => one !== "")) {
      const [name = "", id = "", ...status] = line.split(" ");
      found.set(name.replace(`edgelab-${lab.stack}-`, ""), { host, id, status: status.join(" ") });
    }
  }
  return found;
}

const ids = (all: Awaited<ReturnType<typeof running>>) =>
  Object.fromEntries([...all].map(([name, { id }]) => [name, id]));

beforeAll(async () => {
  machines = await LabHosts.start({ id: `edgelab-two-${process.pid}`, prefix: "172.31.80", count: 2 });
  for (const one of machines.hosts) before.set(one.name, await machines.snapshot(one));
  lab = new TestLab("two-hosts", {
    target: "ssh",
    "ssh.user": "lab",
    "ssh.keyFile": machines.keyFile,
    "ssh.hosts": JSON.stringify(machines.hosts.map(({ name, address }) => ({ name, address }))),
    "ports.offset": 9000,
    "video.enabled": true,
    "grayscale.enabled": true,
    producers: 1,
  });
  await lab.init();
});
afterAll(async () => {
  await lab?.remove();
  await machines?.remove();
});

describe("all pipelines on two hosts", () => {
  it("come up from nothing, every container healthy, on both machines", async () => {
    await lab.up();
    const all = await running();
    expect([...all.values()].filter(({ status }) => !status.includes("(healthy)"))).toEqual([]);
    expect(new Set([...all.values()].map(({ host }) => host))).toEqual(new Set(["vm1", "vm2"]));
    const expected = ["kafka-0", "kafka-2", "postgres", "classification-producer-1", "video-producer-1"];
    expect([...all.keys()]).toEqual(expect.arrayContaining([...expected, "grayscale-writer-1"]));
  });

  it("change nothing the second time, nor after a refresh", async () => {
    await lab.up("--refresh", "--expect-no-changes");
    const { exitCode, text } = await lab.preview("--refresh", "--expect-no-changes");
    expect(exitCode, text).toBe(0);
  });

  it("grow from one producer to three and shrink again, and nothing else is touched", async () => {
    const first = ids(await running());
    lab.set("producers", 3);
    await lab.up();
    const {
      "classification-producer-2": second,
      "classification-producer-3": third,
      ...others
    } = ids(await running());
    expect([second, third]).not.toContain(undefined);
    expect(others).toEqual(first);
    lab.set("producers", 1);
    await lab.up();
    expect(ids(await running())).toEqual(first);
  });

  it("are repaired where a container was removed or stopped, and only there", async () => {
    const first = await running();
    const hostOf = (name: string) => first.get(name)?.host ?? "";
    const container = (name: string) => `edgelab-${lab.stack}-${name}`;
    const removed = "classification-recorder-1";
    await on(hostOf(removed), "rm", "--force", container(removed));
    for (const name of ["kafka-1", "classification-producer-1"]) {
      await on(hostOf(name), "stop", "--time", "5", container(name));
    }
    await lab.up("--refresh");
    const now = await eventually("all to be healthy", 120, async () => {
      const all = await running();
      return [...all.values()].every(({ status }) => status.includes("(healthy)")) ? all : undefined;
    });
    const { [removed]: old, ...kept } = ids(first);
    const { [removed]: anew, ...others } = ids(now);
    expect(anew).not.toBe(old);
    expect(others).toEqual(kept);
    await lab.up("--refresh", "--expect-no-changes");
  });

  it("are gone at the end, and the machines are as they were, save for the user's own files", async () => {
    await lab.destroy();
    for (const one of machines.hosts) {
      const files = (await docker("exec", one.container, "find", "/var/lib/edgelab-files", "-type", "f")
        .then((text) => text.split("\n"))
        .catch(() => [])) as string[];
      // Videos, and the notes that keep a finished one from being made again when its frames are read anew.
      expect(files.filter((file) => !/\.mp4$|\.avi$|\/\.work\/[^/]+\/done$/.test(file))).toEqual([]);
      await docker("exec", one.container, "rm", "-rf", "/var/lib/edgelab-files");
      expect(await machines.snapshot(one), one.name).toBe(before.get(one.name));
    }
  });
});
