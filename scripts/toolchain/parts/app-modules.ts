import { copyFile, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseChecksums, verifyPinned } from "../checksums.ts";
import { filesKey } from "../keys.ts";
import { npmInstall } from "../npm.ts";
import { type Context, healthy, missing, type Part } from "../part.ts";
import { entry, exists, fill, keyOf } from "../store.ts";
import { nodeBinary } from "./node.ts";

const INPUTS = ["package-lock.json", "package.json", "apps/package.json"];

/** What the Node image copies: the node binary and the apps' production packages, for Linux with glibc. */
export const appModulesPart: Part = {
  name: "app modules",
  needs: [],

  async find(context) {
    const stage = stageFolder(context);
    const whole = (await exists(join(stage, "node"))) && (await exists(join(stage, "node_modules")));
    if (!whole || (await keyOf(stage)) !== (await modulesKey(context))) {
      return missing("the apps' packages are not in images/node/stage");
    }
    return healthy(`node ${process.versions.node}`, "npm");
  },

  async get(context) {
    const key = await modulesKey(context);
    const cached = await entry(join(context.cache, `app-modules-${key}`), (temporary) =>
      prepare(context, temporary),
    );
    await fill(stageFolder(context), key, {
      node: join(cached, "node"),
      node_modules: join(cached, "node_modules"),
    });
  },
};

async function prepare(context: Context, folder: string): Promise<void> {
  const work = join(folder, "work");
  await npmInstall(context, {
    title: "installing the apps' packages",
    log: "app-modules",
    source: context.root,
    files: INPUTS,
    work,
    options: ["--workspace=@edgelab/apps", "--include-workspace-root=false"],
  });
  const modules = join(work, "node_modules");
  await rm(join(modules, "@edgelab"), { recursive: true, force: true });
  await prune(modules, context.arch);
  await rename(modules, join(folder, "node_modules"));
  await rm(work, { recursive: true });
  await copyFile(nodeBinary(context.root), join(folder, "node"));
  await verifyNode(context, join(folder, "node"));
}

/** npm's lock knows the package `node`, not the binary that its install script fetches and every app image gets. */
async function verifyNode({ root, arch }: Context, file: string): Promise<void> {
  const name = `node-v${process.versions.node}-linux-${arch}`;
  const pinned = parseChecksums(await readFile(join(root, NODES), "utf8"));
  const sum = pinned.get(name);
  await verifyPinned({
    expected: new Map(sum === undefined ? [] : [[name, sum]]),
    files: new Map([[name, file]]),
    list: NODES,
    fix: "rm -r node_modules && ./scripts/setup; after a change of Node's version, write its lines there",
  });
}

/** SHA-256 of the binary of each processor. */
const NODES = "scripts/toolchain/node.sha256";

/** Removes ONNX Runtime's libraries of other systems and processors (most of its size). */
async function prune(modules: string, arch: string): Promise<void> {
  const binaries = join(modules, "onnxruntime-node/bin");
  for (const api of await readdir(binaries)) {
    for (const system of await readdir(join(binaries, api))) {
      if (system !== "linux") await rm(join(binaries, api, system), { recursive: true });
    }
    for (const processor of await readdir(join(binaries, api, "linux"))) {
      if (processor !== arch) await rm(join(binaries, api, "linux", processor), { recursive: true });
    }
  }
}

function modulesKey({ root, arch }: Context): Promise<string> {
  return filesKey(root, ["package-lock.json", NODES], `modules-2 ${process.versions.node} ${arch}`);
}

function stageFolder({ root }: Context): string {
  return join(root, "images/node/stage");
}
