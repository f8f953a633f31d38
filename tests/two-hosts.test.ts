import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { docker, eventually, TestLab } from "./support/lab.ts";
import { type LabHost, LabHosts } from "./support/lab-hosts.ts";

/** All pipelines on two bare machines, of which one has two of the three brokers: what comes up stays as it is told. */
let machines: LabHosts;
let lab: TestLab;
const before = new Map<string, string>();

const on = (name: string, ...args: string[]) =>
  docker("exec", machines.hosts.find((one) => one.name === name)?.container ?? name, "docker", ...args);

/** Running containers of the lab by name, with the host each is on, its id and its state. */
async function running(
  ...hosts: readonly LabHost[]
): Promise<Map<string, { host: string; id: string; status: string }>> {
  const found = new Map<string, { host: string; id: string; status: string }>();
  for (const { name: host } of hosts.length > 0 ? hosts : machines.hosts) {
    const format = "--format={{.Names}} {{.ID}} {{.Status}}";
    const lines = (await on(host, "ps", "--filter", `label=edgelab.stack=${lab.stack}`, format)).split("\n");
    for (const line of lines.filter((one) => one !== "")) {
      const [name = "", id = "", ...status] = line.split(" ");
      found.set(name.replace(`edgelab-${lab.stack}-`, ""), { host, id, status: status.join(" ") });
    }
  }
  return found;
}

/** Images that are in the database with their results. */
async function recordedRows(): Promise<number> {
  const host = (await running(...machines.hosts.slice(1))).get("postgres")?.host ?? "";
  const psql = [
    "psql",
    "-qtAX",
    "--username=postgres",
    "--dbname=edgelab",
    "--command=select count(*) from classified",
  ];
  return Number(await on(host, "exec", `edgelab-${lab.stack}-postgres`, ...psql));
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

  it("go on without a dead host that had two brokers, once their data are given up, and keep the database", async () => {
    const rows = await recordedRows();
    const [vm1, vm2] = machines.hosts;
    if (vm1 === undefined || vm2 === undefined) throw new Error("there are two hosts");
    await machines.kill(vm1);
    const entries = (...hosts: readonly LabHost[]) =>
      JSON.stringify(hosts.map(({ name, address }) => ({ name, address })));
    lab.set("ssh.hosts", entries(vm2));
    const refused = await lab.tryUp();
    expect(refused.exitCode).not.toBe(0);
    expect(refused.text).toMatch(
      /leaves out vm1, which has the data of kafka-0, kafka-2[\s\S]*fix: .*discardData/,
    );
    lab.set("discardData", ["kafka-0@vm1", "kafka-2@vm1"]);
    const brokerBefore = (await running(vm2)).get("postgres")?.id;
    await lab.up();
    expect((await running(vm2)).get("postgres")?.id).toBe(brokerBefore);
    await eventually("more images to be recorded", 180, async () =>
      (await recordedRows()) > rows ? true : undefined,
    );

    // Back again, with containers on it that are elsewhere by now.
    await machines.bringBack(vm1);
    const whole = ids(await running(vm2));
    lab.set("ssh.hosts", entries(vm1, vm2));
    await lab.up();
    expect(ids(await running(vm2))).toEqual(whole);
    expect([...(await running(vm1)).keys()]).toEqual([]);
    await lab.up("--refresh", "--expect-no-changes");
  });

  it("are gone at the end, and the machines are as they were, save for the user's own files", async () => {
    await lab.destroy();
    for (const one of machines.hosts) {
      const files = (await docker("exec", one.container, "find", "/var/lib/edgelab-files", "-type", "f")
        .then((text) => text.split("\n"))
        .catch(() => [])) as string[];
      expect(files.filter((file) => !file.endsWith(".mp4") && !file.endsWith(".avi"))).toEqual([]);
      await docker("exec", one.container, "rm", "-rf", "/var/lib/edgelab-files");
      expect(await machines.snapshot(one), one.name).toBe(before.get(one.name));
    }
  });
});
