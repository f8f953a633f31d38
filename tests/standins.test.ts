import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { environment } from "../scripts/toolchain/environment.ts";

/**
 * The stand-ins for the Node language host and the docker provider, under the real CLI and on the real Docker: a
 * small program with one resource of each kind, in a folder, a state and with names of its own.
 */
const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "edgelab-standins-"));
const name = `edgelab-standin-${process.pid}`;
const container = `${name}-container`;
const secrets = { env: "hidden-in-env", upload: "hidden-in-upload" };
const program = join(import.meta.dirname, "support/standins");

let pulumi: (...args: readonly string[]) => Promise<{ exitCode: number | undefined; all: string }>;

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

async function succeed(...args: readonly string[]): Promise<string> {
  const { exitCode, all } = await pulumi(...args);
  expect(exitCode, all).toBe(0);
  return all;
}

const up = (...flags: string[]) => succeed("up", "--yes", "--skip-preview", ...flags);
const unchanged = () => up("--expect-no-changes");
const set = (key: string, value: string) => succeed("config", "set", key, value);
const unset = (key: string) => succeed("config", "rm", key);

beforeAll(async () => {
  const found = await environment();
  const [base] = (await docker("image", "ls", "edgelab/base", "--format", "{{.Repository}}:{{.Tag}}")).split(
    "\n",
  );
  if (base === undefined || base === "") throw new Error("there is no base image: run ./scripts/setup");

  cpSync(program, folder, { recursive: true });
  mkdirSync(join(folder, "state"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const env = {
    ...found.env,
    // Before any official plugins, which this test is not about.
    PATH: [
      ...["docker", "nodejs"].map((each) => join(root, "scripts/toolchain/standins", each)),
      found.env.PATH,
    ].join(delimiter),
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "for this test only",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  pulumi = async (...args) => {
    const { exitCode, all } = await execa(found.pulumi, [...args, "--non-interactive"], {
      cwd: folder,
      env,
      all: true,
      reject: false,
    });
    return { exitCode, all };
  };
  await succeed("stack", "init", "test");
  for (const [key, value] of Object.entries({ name, base })) await set(key, value);
  for (const [key, value] of Object.entries(secrets)) await succeed("config", "set", "--secret", key, value);
});

afterAll(async () => {
  const destroyed = await pulumi("destroy", "--yes", "--skip-preview");
  rmSync(folder, { recursive: true });
  expect(destroyed.exitCode, destroyed.all).toBe(0);
  expect(await everything()).toEqual([]);
});

describe("the stand-ins", () => {
  it("preview without making anything", async () => {
    const plan = await succeed("preview");
    expect(plan).toContain("+ 6 to create");
    expect(await everything()).toEqual([]);
  });

  it("make what the program says and wait until it is healthy", async () => {
    await up();
    expect(await everything()).toEqual(
      [container, `${name}-network`, `${name}-volume`, `${name}/image:1`].sort(),
    );
    expect(await docker("inspect", "--format", "{{.State.Health.Status}}", container)).toBe("healthy");
    expect(await docker("exec", container, "cat", "/run/secrets/upload")).toBe(secrets.upload);
    expect(await docker("exec", container, "sh", "-c", "echo $SECRET")).toBe(secrets.env);
  });

  it("find nothing to do the second time, nor after a refresh", async () => {
    await unchanged();
    await succeed("refresh", "--yes", "--skip-preview", "--expect-no-changes");
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
    expect(await up("--refresh")).toMatch(/\+ 1 created\s+5 unchanged/);
    await unchanged();
  });

  it("replace what was stopped by hand", async () => {
    await docker("stop", "--time", "1", container);
    expect(await up("--refresh")).toMatch(/\+-1 replaced\s+5 unchanged/);
    expect(await docker("inspect", "--format", "{{.State.Running}}", container)).toBe("true");
  });

  it("change memory in place, and change it back when someone else changed it", async () => {
    const inspect = () => docker("inspect", "--format", "{{.Id}} {{.HostConfig.Memory}}", container);
    const [id] = (await inspect()).split(" ");
    await set("memory", "80");
    expect(await up()).toMatch(/~ 1 updated\s+5 unchanged/);
    expect(await inspect()).toBe(`${id} ${80 * 1024 * 1024}`);
    await docker("update", "--memory", "70m", "--memory-swap", "70m", container);
    await up("--refresh");
    expect(await inspect()).toBe(`${id} ${80 * 1024 * 1024}`);
  });

  it("rebuild an image under its old name, and replace only what runs it", async () => {
    const before = await docker("image", "inspect", "--format", "{{.Id}}", `${name}/image:1`);
    writeFileSync(join(folder, "image/hello"), "other content\n");
    await set("key", "2");
    expect(await up()).toMatch(/\+-2 replaced\s+4 unchanged/);
    const after = await docker("image", "inspect", "--format", "{{.Id}}", `${name}/image:1`);
    expect(after).not.toBe(before);
    expect(await docker("inspect", "--format", "{{.Image}}", container)).toBe(after);
    await unchanged();
  });

  it("keep a container that never gets healthy in the state, say why, and mend it", async () => {
    await set("command", 'echo "the value is $SECRET"; while :; do sleep 0.2; done');
    const { exitCode, all } = await pulumi("up", "--yes", "--skip-preview");
    expect(exitCode).not.toBe(0);
    expect(all).toContain(`container ${container} is unhealthy. The last lines of its log:`);
    expect(all).toContain("the value is [secret]");
    expect(all).not.toContain(secrets.env);
    await unset("command");
    expect(await up()).toMatch(/\+-1 replaced\s+5 unchanged/);
  });

  it("fail on a property that they do not cover, by its name", async () => {
    await set("extra", "true");
    const { exitCode, all } = await pulumi("preview");
    await unset("extra");
    expect(exitCode).not.toBe(0);
    expect(all).toMatch(/gpus is not covered by the docker stand-in/);
  });

  it("show the end of a build that failed", async () => {
    writeFileSync(
      join(folder, "image/Dockerfile"),
      "ARG BASE\nFROM $BASE\nRUN echo about to fail && false\n",
    );
    await set("key", "3");
    const { exitCode, all } = await pulumi("up", "--yes", "--skip-preview");
    cpSync(join(program, "image/Dockerfile"), join(folder, "image/Dockerfile"));
    await set("key", "2");
    expect(exitCode).not.toBe(0);
    expect(all).toContain("about to fail");
    expect(all).toContain("returned a non-zero code: 1");
    await unchanged();
  });

  it("do not touch a container of that name which somebody else made", async () => {
    await docker("rm", "--force", container);
    const image = await docker("image", "inspect", "--format", "{{.Id}}", `${name}/image:1`);
    const theirs = await docker("create", "--name", container, image, "true");
    const { exitCode, all } = await pulumi("up", "--yes", "--skip-preview", "--refresh");
    expect(exitCode).not.toBe(0);
    expect(all).toContain(`rm --force ${container}`);
    expect(await docker("inspect", "--format", "{{.Id}}", container)).toBe(theirs);
    await docker("rm", "--force", container);
    await up();
  });

  it("make anew what an update that was killed has left", async () => {
    await docker("rm", "--force", container);
    const image = await docker("image", "inspect", "--format", "{{.Id}}", `${name}/image:1`);
    await docker("create", "--name", container, "--label", `edgelab.stack=${name}`, image, "true");
    expect(await up("--refresh")).toContain("was there from an earlier run of this stack: made anew");
    expect(await docker("inspect", "--format", "{{.State.Health.Status}}", container)).toBe("healthy");
  });
});
