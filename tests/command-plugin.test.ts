import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CommandEntry } from "../infra/config/commands.ts";
import { startSshd, type TestSshd } from "../lib/ssh/testing/sshd.ts";
import { PLUGINS_VARIABLE } from "../scripts/checks/official.ts";
import { environment } from "../scripts/toolchain/environment.ts";

/**
 * The commands of `hosts.commands` under the real CLI, on this machine and over a real SSH server. `./scripts/test` runs
 * it with the stand-in of the command plugin, `./scripts/test --official` with the official one: what is expected of both
 * is the same, save for what they say.
 */
const official = process.env[PLUGINS_VARIABLE] === "official";
type Plugins = "official" | "stand-ins";
const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "edgelab-commands-"));
const log = join(folder, "log");
const secret = "hidden-in-environment";

let run: (
  plugins: Plugins,
  args: readonly string[],
) => Promise<{ exitCode: number | undefined; all: string }>;
let sshd: TestSshd;
let jump: TestSshd;
const pulumi = (...args: readonly string[]) => run(official ? "official" : "stand-ins", args);

async function succeed(...args: readonly string[]): Promise<string> {
  const { exitCode, all } = await pulumi(...args);
  expect(exitCode, all).toBe(0);
  return all;
}
const up = (...flags: string[]) => succeed("up", "--yes", "--skip-preview", ...flags);
const unchanged = () => up("--expect-no-changes");
const set = (key: string, value: string) => succeed("config", "set", key, value);

/** What commands have written since the last time, line by line. */
function said(): string[] {
  const lines = readFileSync(log, "utf8").trim().split("\n");
  rmSync(log);
  return lines;
}
const note = (text: string) => `echo ${text} >>${log}`;
const first: CommandEntry = {
  name: "first",
  on: ["local"],
  create: note("first"),
  delete: note("first-undone"),
};
const second: CommandEntry = {
  name: "second",
  on: ["m1"],
  create: `${note("second")}; echo "$KEY"; test \${#KEY} -eq ${secret.length}`,
  update: note("second-updated"),
  delete: `${note("second-undone")}; test -n "$KEY"`,
};
const third: CommandEntry = { name: "third", on: ["m1", "local"], create: note("third") };
const withCommands = (...commands: CommandEntry[]) => set("commands", JSON.stringify(commands));

beforeAll(async () => {
  [sshd, jump] = await Promise.all([startSshd(), startSshd()]);
  const found = await environment();
  cpSync(join(import.meta.dirname, "support/command-program"), folder, { recursive: true });
  mkdirSync(join(folder, "state"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const standins = ["command", "nodejs"].map((each) => join(root, "scripts/toolchain/standins", each));
  const env = (plugins: Plugins) => ({
    ...found.env,
    // What is on PATH comes before what PULUMI_HOME knows.
    PATH: [...(plugins === "official" ? [] : standins), found.env.PATH].join(delimiter),
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "for this test only",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  });
  run = async (plugins, args) => {
    const { exitCode, all } = await execa(found.pulumi, [...args, "--non-interactive"], {
      cwd: folder,
      env: env(plugins),
      all: true,
      reject: false,
    });
    return { exitCode, all };
  };
  await succeed("stack", "init", "test");
  await set("root", root);
  await set("machine", "1");
  await set("connection", JSON.stringify({ ...sshd.connection, jump: jump.connection }));
  await succeed("config", "set", "--secret", "key", secret);
  await withCommands(first, second, third);
});

afterAll(async () => {
  await sshd.stop();
  await jump.stop();
  rmSync(folder, { recursive: true });
});

describe(`the command provider, ${official ? "official" : "a stand-in"}`, () => {
  it("runs nothing in a preview", async () => {
    await succeed("preview");
    expect(() => said()).toThrow(/ENOENT/);
  });

  it("runs commands in order, here and over SSH through a jump host, and shows no secret", async () => {
    const text = await up();
    expect(said()).toEqual(["first", "second", "third", "third"]);
    expect(text).not.toContain(secret);
  });

  it("finds nothing to do the second time, nor after a refresh", async () => {
    await unchanged();
    await up("--refresh", "--expect-no-changes");
  });

  it("keeps secrets and private keys out of the state", () => {
    const [, line = ""] = readFileSync(sshd.connection.keyFile, "utf8").split("\n");
    const files = readdirSync(join(folder, "state"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
    expect(files.some((text) => text.includes("command:remote:Command"))).toBe(true);
    for (const hidden of [secret, line]) expect(files.filter((text) => text.includes(hidden))).toEqual([]);
  });

  it("runs a changed command's update, and where there is none its create", async () => {
    await withCommands(first, { ...second, create: `${second.create} # changed` }, third);
    await up();
    expect(said()).toEqual(["second-updated"]);
    await withCommands({ ...first, create: note("first-again") }, second, third);
    await up();
    expect(said()).toEqual(["first-again", "second-updated"]);
    await unchanged();
  });

  it("runs all anew on a machine that was set up anew, and undoes nothing there", async () => {
    await set("machine", "2");
    await up();
    expect(said()).toEqual(["second", "third"]);
    await unchanged();
  });

  it("tells what a command that failed has said, without secrets, and runs no later one", async () => {
    await withCommands(
      first,
      { ...second, update: 'echo "the key is $KEY"; echo on stderr >&2; exit 3' },
      { ...third, create: note("third-changed") },
    );
    const { exitCode, all } = await pulumi("up", "--yes", "--skip-preview");
    expect(exitCode).not.toBe(0);
    expect(all).toContain("the key is [secret]");
    expect(all).toContain("on stderr");
    expect(all).toMatch(/exited with status 3/);
    expect(all).not.toContain(secret);
    expect(said()).toEqual(["first"]);
  });

  it("tells the same of one of this machine", async () => {
    await withCommands({ ...first, create: "echo no such luck; exit 4" }, second, third);
    const { exitCode, all } = await pulumi("up", "--yes", "--skip-preview");
    expect(exitCode).not.toBe(0);
    expect(all).toContain("no such luck");
    expect(all).toContain("exit status 4: running");
  });

  it("connects to no machine that shows another host key", async () => {
    await withCommands(first, second, third);
    const other = { ...sshd.connection, hostKey: jump.connection.hostKey };
    await set("connection", JSON.stringify(other));
    const { exitCode, all } = await pulumi("up", "--yes", "--skip-preview");
    expect(exitCode).not.toBe(0);
    expect(all).toMatch(official ? /host key mismatch/ : /has another host key|does not have the host key/);
    expect(() => said()).toThrow(/ENOENT/);
    await set("connection", JSON.stringify({ ...sshd.connection, jump: jump.connection }));
    await up();
  });

  it.skipIf(official)("fails on a property that it does not cover, by its name", async () => {
    await set("extra", "true");
    const { exitCode, all } = await pulumi("preview");
    await succeed("config", "rm", "extra");
    expect(exitCode).not.toBe(0);
    expect(all).toMatch(/environment is not covered by the command stand-in/);
  });

  it.runIf(official)(
    "takes a state over from the stand-in, and the stand-in from it, without a change",
    async () => {
      await up();
      for (const plugins of ["stand-ins", "official", "stand-ins"] as const) {
        for (const flags of [[], ["--refresh"]]) {
          const { exitCode, all } = await run(plugins, ["up", "--yes", "--expect-no-changes", ...flags]);
          expect(exitCode, `${plugins} ${flags.join()}: ${all}`).toBe(0);
        }
      }
    },
  );

  it("undoes a command that is taken out, and at the end all of them in reverse order", async () => {
    rmSync(log, { force: true });
    const fourth = { name: "fourth", on: ["m1"], create: note("fourth"), delete: note("fourth-undone") };
    await withCommands(first, second, third, fourth);
    await up();
    await withCommands(first, second, third);
    await up();
    expect(said()).toEqual(["fourth", "fourth-undone"]);
    await succeed("destroy", "--yes", "--skip-preview");
    expect(said()).toEqual(["second-undone", "first-undone"]);
  });
});
