import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createContext } from "../context.ts";
import { environment } from "../environment.ts";
import type { Context } from "../part.ts";
import { isLinked, unlinkPlugin } from "../plugin-place.ts";
import { askVersion } from "../plugin-version.ts";
import { exists } from "../store.ts";
import {
  COMMAND_PLUGIN_VERSION,
  DOCKER_PLUGIN_VERSION,
  OPENSTACK_PLUGIN_VERSION,
  PULUMI_VERSION,
} from "../versions.ts";
import { dockerPluginPart, findDockerPlugin, findLanguageHost, languageHostPart } from "./plugins.ts";

const HOST = "pulumi-language-nodejs";
const DOCKER = "pulumi-resource-docker";
const COMMAND = "pulumi-resource-command";
const standins = join(import.meta.dirname, "../standins");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "edgelab-plugins-"));
  // A CLI that tells its version, and where it was told to keep what it writes.
  script("cli/pulumi", 'echo v3.259.0; echo "$PULUMI_HOME" >>"$HOME/homes"');
  mkdirSync(join(folder, "bin"));
  symlinkSync(join(folder, "cli/pulumi"), join(folder, "bin/pulumi"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function script(file: string, text: string): string {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

/** A machine with that CLI on PATH, and nothing else of Pulumi's. */
function machine(more: Record<string, string> = {}): Context {
  const env = { HOME: folder, PATH: [join(folder, "bin"), "/usr/bin", "/bin"].join(delimiter), ...more };
  return { ...createContext(env), cache: join(folder, "cache"), project: join(folder, "checkout/.edgelab") };
}

const cli = () => ({ file: join(folder, "bin/pulumi"), version: "v3.259.0", source: "on PATH" });
const onPath = (env: Record<string, string>) => (env.PATH ?? "").split(delimiter);

describe("findLanguageHost", () => {
  it("finds the one beside a CLI that PATH has a symbolic link of", async () => {
    const file = script(`cli/${HOST}`, "echo v3.259.0");
    expect(await findLanguageHost(machine(), cli())).toMatchObject({
      file,
      known: true,
      source: "with the CLI",
    });
  });

  it("takes the stand-in where there is none", async () => {
    const file = join(standins, "nodejs", HOST);
    expect(await findLanguageHost(machine(), cli())).toMatchObject({ file, known: false, standin: true });
  });

  it("prefers one on PATH, as Pulumi does, and lets it tell its version", async () => {
    script(`cli/${HOST}`, "echo v3.259.0");
    const file = script(`bin/${HOST}`, 'test "$1" = -version && echo v3.123.4');
    expect(await findLanguageHost(machine(), cli())).toMatchObject({ file, known: true, version: undefined });
    expect(await languageHostPart.find(machine())).toEqual({
      healthy: true,
      version: "3.123.4",
      source: `on PATH (${file})`,
    });
  });
});

describe("the docker plugin", () => {
  it("tells its version by Pulumi's protocol when it is on PATH", async () => {
    symlinkSync(join(standins, "docker", DOCKER), join(folder, "bin", DOCKER));
    expect(await dockerPluginPart.find(machine())).toEqual({
      healthy: true,
      version: DOCKER_PLUGIN_VERSION,
      source: `on PATH (${join(folder, "bin", DOCKER)})`,
    });
  });

  it.each([
    ["ends at once", "exit 1"],
    ["is no plugin", "echo hello; exec sleep 60"],
  ])("has no version when it %s", async (_what, text) => {
    expect(await askVersion(script(`bin/${DOCKER}`, text), process.env)).toBeUndefined();
    expect(await dockerPluginPart.find(machine())).toMatchObject({ healthy: false });
  });

  it("is the official one in PULUMI_HOME rather than a link to the stand-in, also after that link was made", async () => {
    const context = machine();
    await environment(context, "local");
    const file = join(
      folder,
      `checkout/.edgelab/pulumi-home/plugins/resource-docker-v${DOCKER_PLUGIN_VERSION}`,
      DOCKER,
    );
    expect(await isLinked(context, file)).toBe(true);
    expect(await findDockerPlugin(context)).toMatchObject({ standin: true });

    await unlinkPlugin(context, "resource-docker", DOCKER_PLUGIN_VERSION);
    expect(await exists(dirname(file))).toBe(false);
    script(file.slice(folder.length), "official");
    expect(await findDockerPlugin(context)).toMatchObject({ file, known: true, standin: false });
    await environment(context, "local");
    await unlinkPlugin(context, "resource-docker", DOCKER_PLUGIN_VERSION);
    expect(readFileSync(file, "utf8")).toContain("official");
  });
});

describe("environment", () => {
  const linked = (home: string, name: string, version: string) =>
    readlinkSync(join(home, "plugins", `${name}-v${version}`, `pulumi-${name}`));

  it("makes stand-ins known by links in the checkout's own home, and puts none on PATH", async () => {
    const context = machine();
    await environment(context, "local");
    const { env } = await environment(context, "local");
    const home = join(folder, "checkout/.edgelab/pulumi-home");
    expect(linked(home, "language-nodejs", PULUMI_VERSION)).toBe(join(standins, "nodejs", HOST));
    expect(linked(home, "resource-docker", DOCKER_PLUGIN_VERSION)).toBe(join(standins, "docker", DOCKER));
    expect(linked(home, "resource-command", COMMAND_PLUGIN_VERSION)).toBe(join(standins, "command", COMMAND));
    expect(onPath(env).filter((each) => each.startsWith(standins))).toEqual([]);
  });

  it("puts nothing into a home of the user's, and stand-ins on PATH instead", async () => {
    const { env } = await environment(machine({ PULUMI_HOME: join(folder, "mine") }), "local");
    expect(await exists(join(folder, "mine/plugins"))).toBe(false);
    expect(onPath(env)).toEqual(expect.arrayContaining([join(standins, "nodejs"), join(standins, "docker")]));
  });

  it("makes the openstack plugin known to labs on OpenStack, and where the target is not known", async () => {
    const plugin = `plugins/resource-openstack-v${OPENSTACK_PLUGIN_VERSION}`;
    script(`.pulumi/${plugin}/pulumi-resource-openstack`, "");
    const home = join(folder, "checkout/.edgelab/pulumi-home");
    await environment(machine(), "local");
    expect(await exists(join(home, plugin))).toBe(false);
    await environment(machine(), "openstack");
    expect(linked(home, "resource-openstack", OPENSTACK_PLUGIN_VERSION)).toContain(`/.pulumi/${plugin}/`);
    rmSync(join(home, plugin), { recursive: true });
    await environment(machine());
    expect(await exists(join(home, plugin))).toBe(true);
  });

  it("runs the CLI in no other home than that, so that its logs are not in ~/.pulumi", async () => {
    const { env } = await environment(machine(), "local");
    expect(new Set(readFileSync(join(folder, "homes"), "utf8").trim().split("\n"))).toEqual(
      new Set([env.PULUMI_HOME]),
    );
  });
});
