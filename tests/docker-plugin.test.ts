import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../apps/common/testing/free-ports.ts";
import { official, PluginStack, type Plugins } from "./support/plugin-stack.ts";

/**
 * Node language host and docker provider under the real CLI and on the real Docker: a small program with one resource of
 * each kind, in a folder, a state and with names of its own. `./scripts/test` runs it with the stand-ins,
 * `./scripts/test --official` with the official plugins: what is expected of both is the same, save for what they say.
 */
const stack = new PluginStack("docker", "plugin-program");
const { folder } = stack;
const name = `edgelab-plugin-${process.pid}`;
const container = `${name}-container`;
const secrets = { env: "hidden-in-env", upload: "hidden-in-upload" };

async function docker(...args: readonly string[]): Promise<string> {
  return (await execa("docker", args)).stdout;
}

const names = async (kind: string, format: string) =>
  (await docker(...kind.split(" "), "--format", format)).split("\n").filter((line) => line.includes(name));

/** What of this test exists in Docker. */
async function everything(): Promise<string[]> {
  const found = await Promise.all([
    names("ps --all", "{{.Names}}"),
    names("network ls", "{{.Name}}"),
    names("volume ls", "{{.Name}}"),
    names("image ls", "{{.Repository}}:{{.Tag}}"),
  ]);
  return found.flat().sort();
}

/** Of this run alone: an image that an earlier run left shares no layer, and so no id, with this one's. */
const hello = (text: string) => writeFileSync(join(folder, "image/hello"), `${text} of ${name}\n`);
const image = (key: number) => `${name}/image:${key}`;
const unset = (key: string) => stack.succeed("config", "rm", key);

beforeAll(async () => {
  const [base] = (await docker("image", "ls", "edgelab/base", "--format", "{{.Repository}}:{{.Tag}}")).split(
    "\n",
  );
  if (base === undefined || base === "") throw new Error("there is no base image: run ./scripts/setup");

  hello("content");
  await stack.init();
  for (const [key, value] of Object.entries({ name, base })) await stack.set(key, value);
  for (const [key, value] of Object.entries(secrets)) await stack.set(key, value, "--secret");
});

afterAll(async () => {
  const destroyed = await stack.pulumi("destroy", "--yes", "--skip-preview");
  stack.remove();
  expect(destroyed.exitCode, destroyed.all).toBe(0);
  expect(await everything()).toEqual([]);
});

describe(`the docker provider, ${official ? "official" : "a stand-in"}`, () => {
  it("preview without making anything", async () => {
    const plan = await stack.succeed("preview");
    expect(plan).toContain("+ 6 to create");
    expect(await everything()).toEqual([]);
  });

  it("make what the program says and wait until it is healthy", async () => {
    await stack.up();
    expect(await everything()).toEqual([container, `${name}-network`, `${name}-volume`, image(1)].sort());
    expect(await docker("inspect", "--format", "{{.State.Health.Status}}", container)).toBe("healthy");
    expect(await docker("exec", container, "cat", "/run/secrets/upload")).toBe(secrets.upload);
    expect(await docker("exec", container, "sh", "-c", "echo $SECRET")).toBe(secrets.env);
  });

  it("find nothing to do the second time, nor after a refresh", async () => {
    await stack.unchanged();
    await stack.succeed("refresh", "--yes", "--skip-preview", "--expect-no-changes");
  });

  it("keep secrets out of the state", () => {
    const files = readdirSync(join(folder, "state"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
    expect(files.some((text) => text.includes(container))).toBe(true);
    for (const secret of Object.values(secrets)) {
      expect(files.filter((text) => text.includes(secret))).toEqual([]);
    }
  });

  it("make again what was removed by hand", async () => {
    await docker("rm", "--force", container);
    expect(await stack.up("--refresh")).toMatch(/\+ 1 created\s+5 unchanged/);
    await stack.unchanged();
  });

  it("start in place what was stopped by hand, but replace what publishes ports", async () => {
    await docker("stop", "--time", "1", container);
    expect(await stack.up("--refresh")).toMatch(/~ 1 updated\s+5 unchanged/);
    expect(await docker("inspect", "--format", "{{.State.Running}}", container)).toBe("true");
    await stack.set("port", String(await freePort()));
    expect(await stack.up()).toMatch(/\+-1 replaced\s+5 unchanged/);
    await stack.up("--refresh", "--expect-no-changes");
    await docker("stop", "--time", "1", container);
    expect(await stack.up("--refresh")).toMatch(/\+-1 replaced\s+5 unchanged/);
    await unset("port");
    await stack.up();
  });

  it("take note of another health check, and leave the container as it was", async () => {
    const inspect = () =>
      docker("inspect", "--format", "{{.Id}} {{.Config.Healthcheck.Interval}}", container);
    const before = await inspect();
    await stack.set("interval", "2s");
    expect(await stack.up()).toMatch(/~ 1 updated\s+5 unchanged/);
    expect(await inspect()).toBe(before);
    await unset("interval");
    await stack.up();
  });

  it("change memory in place, and change it back when someone else changed it", async () => {
    const inspect = () => docker("inspect", "--format", "{{.Id}} {{.HostConfig.Memory}}", container);
    const [id] = (await inspect()).split(" ");
    await stack.set("memory", "80");
    expect(await stack.up()).toMatch(/~ 1 updated\s+5 unchanged/);
    expect(await inspect()).toBe(`${id} ${80 * 1024 * 1024}`);
    await docker("update", "--memory", "70m", "--memory-swap", "70m", container);
    await stack.up("--refresh");
    expect(await inspect()).toBe(`${id} ${80 * 1024 * 1024}`);
  });

  it("rebuild an image under another name, and replace only what runs it", async () => {
    const idOf = (key: number) => docker("image", "inspect", "--format", "{{.Id}}", image(key));
    const before = await idOf(1);
    hello("other content");
    await stack.set("key", "2");
    expect(await stack.up()).toMatch(/\+-2 replaced\s+4 unchanged/);
    expect(await idOf(2)).not.toBe(before);
    expect(await docker("inspect", "--format", "{{.Image}}", container)).toBe(await idOf(2));
    expect(await everything()).not.toContain(image(1));
    await stack.unchanged();
  });

  it("keep a container that never gets healthy in the state, replace it without a refresh, and mend it", async () => {
    await stack.set("command", 'echo "the value is $SECRET"; while :; do sleep 0.2; done');
    for (const _time of ["first", "second"]) {
      const id = await docker("inspect", "--format", "{{.Id}}", container);
      const { exitCode, all } = await stack.pulumi("up", "--yes", "--skip-preview");
      expect(exitCode).not.toBe(0);
      expect(all).toContain(
        official
          ? "container failed to be in healthy state"
          : `container ${container} is unhealthy. The last lines of its log:`,
      );
      expect(all).not.toContain(secrets.env);
      expect(await docker("inspect", "--format", "{{.Id}}", container)).not.toBe(id);
    }
    // A refresh takes it for what it should be: whoever refreshes has to look at the health by itself.
    await stack.up("--refresh", "--expect-no-changes");
    await unset("command");
    expect(await stack.up()).toMatch(/\+-1 replaced\s+5 unchanged/);
  });

  it.skipIf(official)("fail on a property that they do not cover, by its name", async () => {
    await stack.set("extra", "true");
    const { exitCode, all } = await stack.pulumi("preview");
    await unset("extra");
    expect(exitCode).not.toBe(0);
    expect(all).toMatch(/gpus is not covered by the docker stand-in/);
  });

  it("show the end of a build that failed", async () => {
    const dockerfile = join(folder, "image/Dockerfile");
    const right = readFileSync(dockerfile, "utf8");
    writeFileSync(dockerfile, "ARG BASE\nFROM $BASE\nRUN echo about to fail && false\n");
    await stack.set("key", "3");
    const { exitCode, all } = await stack.pulumi("up", "--yes", "--skip-preview");
    writeFileSync(dockerfile, right);
    await stack.set("key", "2");
    expect(exitCode).not.toBe(0);
    if (!official) expect(all).toContain("about to fail");
    expect(all).toMatch(official ? /exit code: 1/ : /returned a non-zero code: 1/);
    await stack.unchanged();
  });

  it("do not touch a container of that name which somebody else made", async () => {
    await docker("rm", "--force", container);
    const id = await docker("image", "inspect", "--format", "{{.Id}}", image(2));
    const theirs = await docker("create", "--name", container, id, "true");
    const { exitCode, all } = await stack.pulumi("up", "--yes", "--skip-preview", "--refresh");
    expect(exitCode).not.toBe(0);
    expect(all).toMatch(/The container name .* is already in use/);
    expect(await docker("inspect", "--format", "{{.Id}}", container)).toBe(theirs);
    await docker("rm", "--force", container);
    await stack.up();
  });

  it("refuse to remove an image that a container of somebody else's runs", async () => {
    const other = `${name}-other`;
    await docker("create", "--name", other, image(2), "true");
    hello("yet other content");
    await stack.set("key", "4");
    const { exitCode, all } = await stack.pulumi("up", "--yes", "--skip-preview");
    await docker("rm", "--force", other);
    expect(exitCode, all).not.toBe(0);
    expect(all).toMatch(/unable to remove repository reference .*must force/);
    await stack.up();
    expect(await everything()).not.toContain(image(2));
  });

  it.runIf(official)(
    "take a state over from the stand-ins, and the stand-ins from it, without a change",
    async () => {
      const steps = async (plugins: Plugins, ...args: string[]) => {
        const { exitCode, all } = await stack.run(plugins, ["up", "--yes", "--skip-preview", ...args]);
        expect(exitCode, `${plugins} ${args.join(" ")}: ${all}`).toBe(0);
      };
      await stack.set("port", String(await freePort()));
      await steps("stand-ins");
      for (const plugins of ["official", "stand-ins", "official"] as const) {
        await steps(plugins, "--expect-no-changes");
        await steps(plugins, "--refresh", "--expect-no-changes");
      }
      const id = await docker("inspect", "--format", "{{.Id}}", container);
      await stack.set("memory", "96");
      await steps("stand-ins");
      await steps("official", "--refresh", "--expect-no-changes");
      expect(await docker("inspect", "--format", "{{.Id}}", container)).toBe(id);
    },
  );
});
