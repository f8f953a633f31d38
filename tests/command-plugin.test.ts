import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CommandEntry } from "../infra/config/commands.ts";
import { startSshd, type TestSshd } from "../lib/ssh/testing/sshd.ts";
import { official, PluginStack } from "./support/plugin-stack.ts";

/**
 * The commands of `hosts.commands` under the real CLI, on this machine and over a real SSH server. `./scripts/test` runs
 * it with the stand-in of the command plugin, `./scripts/test --official` with the official one: what is expected of both
 * is the same, save for what they say.
 */
const root = join(import.meta.dirname, "..");
const stack = new PluginStack("command", "command-program");
const { folder } = stack;
const log = join(folder, "log");
const secret = "hidden-in-environment";

let sshd: TestSshd;
let jump: TestSshd;

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
const withCommands = (...commands: CommandEntry[]) => stack.set("commands", JSON.stringify(commands));

beforeAll(async () => {
  [sshd, jump] = await Promise.all([startSshd(), startSshd()]);
  await stack.init();
  await stack.set("root", root);
  await stack.set("machine", "1");
  await stack.set("connection", JSON.stringify({ ...sshd.connection, jump: jump.connection }));
  await stack.set("key", secret, "--secret");
  await withCommands(first, second, third);
});

afterAll(async () => {
  await sshd.stop();
  await jump.stop();
  stack.remove();
});

describe(`the command provider, ${official ? "official" : "a stand-in"}`, () => {
  it("runs nothing in a preview", async () => {
    await stack.succeed("preview");
    expect(() => said()).toThrow(/ENOENT/);
  });

  it("runs commands in order, here and over SSH through a jump host, and shows no secret", async () => {
    const text = await stack.up();
    expect(said()).toEqual(["first", "second", "third", "third"]);
    expect(text).not.toContain(secret);
  });

  it("finds nothing to do the second time, nor after a refresh", async () => {
    await stack.unchanged();
    await stack.up("--refresh", "--expect-no-changes");
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
    await stack.up();
    expect(said()).toEqual(["second-updated"]);
    await withCommands({ ...first, create: note("first-again") }, second, third);
    await stack.up();
    expect(said()).toEqual(["first-again", "second-updated"]);
    await stack.unchanged();
  });

  it("runs all anew on a machine that was set up anew, and undoes nothing there", async () => {
    await stack.set("machine", "2");
    await stack.up();
    expect(said()).toEqual(["second", "third"]);
    await stack.unchanged();
  });

  it("tells what a command that failed has said, without secrets, and runs no later one", async () => {
    await withCommands(
      first,
      { ...second, update: 'echo "the key is $KEY"; echo on stderr >&2; exit 3' },
      { ...third, create: note("third-changed") },
    );
    const { exitCode, all } = await stack.pulumi("up", "--yes", "--skip-preview");
    expect(exitCode).not.toBe(0);
    expect(all).toContain("the key is [secret]");
    expect(all).toContain("on stderr");
    expect(all).toMatch(/exited with status 3/);
    expect(all).not.toContain(secret);
    expect(said()).toEqual(["first"]);
  });

  it("tells the same of one of this machine", async () => {
    await withCommands({ ...first, create: "echo no such luck; exit 4" }, second, third);
    const { exitCode, all } = await stack.pulumi("up", "--yes", "--skip-preview");
    expect(exitCode).not.toBe(0);
    expect(all).toContain("no such luck");
    expect(all).toContain("exit status 4: running");
  });

  it("connects to no machine that shows another host key", async () => {
    await withCommands(first, second, third);
    const other = { ...sshd.connection, hostKey: jump.connection.hostKey };
    await stack.set("connection", JSON.stringify(other));
    const { exitCode, all } = await stack.pulumi("up", "--yes", "--skip-preview");
    expect(exitCode).not.toBe(0);
    expect(all).toMatch(official ? /host key mismatch/ : /has another host key|does not have the host key/);
    expect(() => said()).toThrow(/ENOENT/);
    await stack.set("connection", JSON.stringify({ ...sshd.connection, jump: jump.connection }));
    await stack.up();
  });

  it.skipIf(official)("fails on a property that it does not cover, by its name", async () => {
    await stack.set("extra", "true");
    const { exitCode, all } = await stack.pulumi("preview");
    await stack.succeed("config", "rm", "extra");
    expect(exitCode).not.toBe(0);
    expect(all).toMatch(/environment is not covered by the command stand-in/);
  });

  it.runIf(official)(
    "takes a state over from the stand-in, and the stand-in from it, without a change",
    async () => {
      await stack.up();
      for (const plugins of ["stand-ins", "official", "stand-ins"] as const) {
        for (const flags of [[], ["--refresh"]]) {
          const { exitCode, all } = await stack.run(plugins, [
            "up",
            "--yes",
            "--expect-no-changes",
            ...flags,
          ]);
          expect(exitCode, `${plugins} ${flags.join()}: ${all}`).toBe(0);
        }
      }
    },
  );

  it("undoes a command that is taken out, and at the end all of them in reverse order", async () => {
    rmSync(log, { force: true });
    const fourth = { name: "fourth", on: ["m1"], create: note("fourth"), delete: note("fourth-undone") };
    await withCommands(first, second, third, fourth);
    await stack.up();
    await withCommands(first, second, third);
    await stack.up();
    expect(said()).toEqual(["fourth", "fourth-undone"]);
    await stack.succeed("destroy", "--yes", "--skip-preview");
    expect(said()).toEqual(["second-undone", "first-undone"]);
  });
});
