import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const script = (name: string) => readFileSync(join(import.meta.dirname, "remote", name), "utf8");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "edgelab-host-"));
  mkdirSync(join(folder, "bin"));
  engineHas([]);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Puts a docker command in place whose volumes of the stack have these ids and checkouts. */
function engineHas(volumes: readonly string[]): void {
  writeFileSync(join(folder, "volumes"), volumes.map((line) => `${line}\n`).join(""));
  const docker = join(folder, "bin/docker");
  writeFileSync(docker, `#!/bin/sh\ncase "$*" in "volume ls"*) cat '${folder}/volumes';; esac\n`);
  chmodSync(docker, 0o755);
}

/** Runs functions of prepare.sh as if this folder were a host's. @param lab empty for one from before labs had ids */
async function onHost(lab: string, functions: string) {
  const variables = `PROJECT=edgelab STACK=dev LAB=${lab} CHECKOUT=ann@here:/edgelab LOGIN=root DISK=9 UNDO=undo`;
  const common = script("common.sh")
    .replace(/^NOTES=.*$/m, `NOTES='${folder}/notes'`)
    .replace(/(PATH=)(\/usr\/sbin)/, `$1${folder}/bin:$2`);
  const input = [variables, common, script("prepare.sh").replace(/^locked main$/m, ""), functions].join("\n");
  const { exitCode, stderr } = await execa("bash", ["-s"], { input, reject: false });
  return { exitCode, stderr };
}

describe("the stack's name on a host", () => {
  const [one, other] = ["edgelab-dev-1111", "edgelab-dev-2222"];

  it("belongs to the lab that was there first, which finds it as its own again", async () => {
    expect((await onHost(one, "check_owner; claim")).exitCode).toBe(0);
    expect((await onHost(one, "check_owner")).exitCode).toBe(0);
    const { exitCode, stderr } = await onHost(other, "check_owner; claim");
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(
      /the stack dev already, of the lab edgelab-dev-1111, brought up from ann@here:\/edgelab: nothing was changed here\n {2}fix: \.\/scripts\/down dev .* bash .*\/stacks\/edgelab-dev\/undo$/,
    );
    expect(readFileSync(join(folder, "notes/stacks/edgelab-dev/lab"), "utf8")).toMatch(/^edgelab-dev-1111\n/);
  });

  it("is still taken where a lab has kept its volumes", async () => {
    engineHas([`${one} ann@here:/edgelab`]);
    expect((await onHost(one, "check_owner")).exitCode).toBe(0);
    const { exitCode, stderr } = await onHost(other, "check_owner");
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/of the lab edgelab-dev-1111, .*docker volume rm$/s);
  });

  it("is taken by a lab from before labs had ids, which itself finds it as its own", async () => {
    mkdirSync(join(folder, "notes/stacks/edgelab-dev"), { recursive: true });
    expect((await onHost(one, "check_owner")).stderr).toContain("made before labs had ids");
    expect((await onHost("", 'test -z "$(other_lab)"')).exitCode).toBe(0);
    expect((await onHost(one, 'test -z "$(other_lab)"')).exitCode).not.toBe(0);
  });
});
