import { join } from "node:path";
import { filesKey } from "../keys.ts";
import { type Context, missing, type Part } from "../part.ts";
import type { PluginPlace } from "../plugin-place.ts";
import { isExecutable } from "../run.ts";
import { entry } from "../store.ts";
import { OPENSTACK_PLUGIN_VERSION } from "../versions.ts";
import { buildModule, ensureGo, findGo } from "./go.ts";
import { describe, findPlugin, installPlugin, type PluginWanted } from "./plugins.ts";

const WANTED: PluginWanted = { kind: "openstack", version: OPENSTACK_PLUGIN_VERSION };
const NAME = "pulumi-resource-openstack";
const PLACE = "openstack plugin";

/** The OpenStack resource plugin: installed → official download → the same provider built from Go modules. */
export const openstackPluginPart: Part = {
  name: "openstack plugin",
  needs: ["pulumi CLI"],

  async find(context) {
    const place = await findOpenstackPlugin(context);
    return place === undefined ? missing("no openstack plugin") : describe(context, place);
  },

  async packages(context) {
    if ((await findOpenstackPlugin(context)) !== undefined || !(await context.network.isRefused(PLACE)))
      return [];
    return (await findGo(context)) === undefined ? ["golang-go", "ca-certificates"] : [];
  },

  async get(context) {
    if (!(await context.network.isRefused(PLACE)) && (await installPlugin(context, WANTED))) return;
    await context.network.refuse(PLACE);
    await build(context);
  },
};

export async function findOpenstackPlugin(context: Context): Promise<PluginPlace | undefined> {
  const folder = await buildDir(context);
  const found = await findPlugin(context, WANTED, [folder]);
  if (found !== undefined) return found;
  const file = join(folder, NAME);
  if (!(await isExecutable(file))) return undefined;
  return { file, known: false, version: WANTED.version, source: "built from Go modules", standin: false };
}

async function build(context: Context): Promise<void> {
  const go = await ensureGo(context);
  await entry(await buildDir(context), (temporary) =>
    buildModule(context, go, {
      title: "the openstack plugin",
      log: "openstack",
      source: source(context),
      command: ".",
      target: join(temporary, NAME),
    }),
  );
}

function source({ root }: Context): string {
  return join(root, "scripts/toolchain/openstack-plugin");
}

async function buildDir(context: Context): Promise<string> {
  const key = await filesKey(source(context), ["go.mod", "go.sum", "main.go"], `build-1 ${context.arch}`);
  return join(context.cache, `openstack-plugin-${WANTED.version}-${context.arch}-${key}`);
}
