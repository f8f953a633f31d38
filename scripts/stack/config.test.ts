import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { targetNamed } from "./config.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "edgelab-config-"));
  writeFileSync(join(root, "Pulumi.lab.yaml"), "config:\n  edgelab:target: openstack\n");
  writeFileSync(join(root, "Pulumi.dev.yaml"), "config: {}\n");
});
afterEach(() => rmSync(root, { recursive: true }));

describe("targetNamed", () => {
  it.each([
    ["up --stack lab", {}, "openstack"],
    ["up --stack group/edgelab/lab", {}, "openstack"],
    ["up", { PULUMI_STACK: "lab" }, "openstack"],
    ["up --stack dev", {}, "local"],
    ["up --stack other", {}, undefined],
    ["up --stack lab --config-file /elsewhere.yaml", {}, undefined],
    ["up --stack=lab --config-file=/elsewhere.yaml", {}, undefined],
    ["up", {}, undefined],
  ])("of «%s» with %o is %s", async (line, env, target) => {
    expect(await targetNamed(root, line.split(" "), env)).toBe(target);
  });
});
