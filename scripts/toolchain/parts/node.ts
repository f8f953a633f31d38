import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { healthy, missing, type Part } from "../part.ts";
import { isExecutable, output } from "../run.ts";

/** Node 24, which npm brings as the package `node`; scripts/bootstrap.sh has installed it before we run. */
export const nodePart: Part = {
  name: "node",
  needs: [],
  async find({ root }) {
    const file = nodeBinary(root);
    if (!(await isExecutable(file))) return missing("Node 24 is not in node_modules");
    const version = await output(file, ["--version"]);
    if (version === undefined)
      return missing("node_modules/node does not run on this machine", "npm rebuild node");
    return healthy(version, "npm");
  },
  async get() {
    throw new Error("Node is installed by scripts/bootstrap.sh, with the other packages");
  },
};

/** What npm installed for scripts and infrastructure. */
export const packagesPart: Part = {
  name: "npm packages",
  needs: [],
  async find({ root }) {
    const marker = await readFile(join(root, "node_modules/.edgelab-lock"), "utf8").catch(() => undefined);
    if (marker === undefined) return missing("npm packages are not installed");
    return healthy(`lock ${marker.slice(0, 12)}`, "npm");
  },
  async get() {
    throw new Error("npm packages are installed by scripts/bootstrap.sh");
  },
};

export function nodeBinary(root: string): string {
  return join(root, "node_modules/node/bin/node");
}
