import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dependencies } from "./dependencies.ts";
import { launchOf, parseOptions, type Run } from "./program.ts";

const root = join(import.meta.dirname, "../../../..");
const run: Run = {
  project: "p",
  stack: "s",
  organization: "organization",
  monitor: "127.0.0.1:1",
  engine: "127.0.0.1:2",
  parallel: 16,
  dryRun: false,
  pwd: root,
  rootDirectory: root,
  programDirectory: root,
  entryPoint: ".",
  args: [],
  config: { "p:producers": "1" },
  secretKeys: ["p:password"],
  options: { typescript: false, nodeargs: [] },
};

describe("parseOptions", () => {
  it.each([
    [{}, { typescript: true, nodeargs: [] }],
    [{ typescript: false }, { typescript: false, nodeargs: [] }],
    [{ nodeargs: "--a  --b=1" }, { typescript: true, nodeargs: ["--a", "--b=1"] }],
  ])("reads %j", (options, parsed) => {
    expect(parseOptions(options)).toEqual(parsed);
  });

  it("names every option that it cannot honour", () => {
    expect(() => parseOptions({ packagemanager: "yarn", typescript: "no" })).toThrow(
      /packagemanager is not supported; runtime.options.typescript must be true or false/,
    );
  });
});

describe("launchOf", () => {
  it("runs the SDK's launcher on the project's own Node", () => {
    const launch = launchOf(run);
    expect(launch.command).toBe(join(root, "node_modules/node/bin/node"));
    expect(launch.args[0]).toBe(join(root, "node_modules/@pulumi/pulumi/cmd/run/index.js"));
    expect(launch.args.at(-1)).toBe(".");
    expect(launch.args).not.toContain("--dry-run");
    expect(launch.env).toEqual({
      PULUMI_CONFIG: '{"p:producers":"1"}',
      PULUMI_CONFIG_SECRET_KEYS: '["p:password"]',
      PULUMI_NODEJS_TYPESCRIPT: "false",
    });
  });

  it("passes on a preview, node's arguments and the program's", () => {
    const options = { typescript: false, nodeargs: ["--inspect"] };
    const { args } = launchOf({ ...run, dryRun: true, args: ["x"], options });
    expect(args[0]).toBe("--inspect");
    expect(args.slice(-3)).toEqual(["--dry-run", ".", "x"]);
  });

  it("says what to do where the SDK is not installed", () => {
    expect(() => launchOf({ ...run, programDirectory: "/" })).toThrow(/has no @pulumi\/pulumi: run `npm ci`/);
  });
});

describe("dependencies", () => {
  it("lists the installed versions", () => {
    const pulumi = dependencies(root).find(({ name }) => name === "@pulumi/pulumi");
    expect(pulumi?.version).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
