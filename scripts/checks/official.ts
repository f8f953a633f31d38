import { delimiter, dirname } from "node:path";
import { renderTable } from "../../lib/table.ts";
import { ToolchainError } from "../toolchain/errors.ts";
import type { Context } from "../toolchain/part.ts";
import { findCommandPlugin, findDockerPlugin, findLanguageHost } from "../toolchain/parts/plugins.ts";
import { findPulumi } from "../toolchain/parts/pulumi.ts";
import type { PluginPlace } from "../toolchain/plugin-place.ts";
import { DOCKER_PLUGIN_VERSION } from "../toolchain/versions.ts";

/** Tells tests that plugins are official ones: `official`. */
export const PLUGINS_VARIABLE = "EDGELAB_TEST_PLUGINS";

export interface Plugin {
  readonly name: string;
  readonly place: PluginPlace | undefined;
}

/** The plugins that have stand-ins, as Pulumi would find them. */
export async function pluginsOf(context: Context): Promise<Plugin[]> {
  const { cli } = await findPulumi(context);
  if (cli === undefined) throw new ToolchainError("there is no Pulumi CLI yet", "./scripts/setup");
  return [
    { name: "language host", place: await findLanguageHost(context, cli) },
    { name: "docker plugin", place: await findDockerPlugin(context) },
    { name: "command plugin", place: await findCommandPlugin(context) },
  ];
}

/** A table of which plugin is which. */
export function describePlugins(plugins: readonly Plugin[]): string {
  const rows = plugins.map(({ name, place }) => [name, place?.source ?? "not found", place?.file ?? "–"]);
  return renderTable(["plugin", "from", "file"], rows);
}

/**
 * The environment in which tests meet the official plugins. Their labs have a PULUMI_HOME of their own each, so what was
 * found is put on PATH, where it comes before any stand-in.
 *
 * @throws ToolchainError when there is no official plugin at all
 */
export function withOfficial(
  env: Readonly<Record<string, string>>,
  plugins: readonly Plugin[],
): Record<string, string> {
  const official = plugins.flatMap(({ place }) => (place === undefined || place.standin ? [] : [place.file]));
  if (official.length === 0) {
    throw new ToolchainError(
      "no official plugin was found, neither in PULUMI_HOME nor on PATH",
      `pulumi plugin install resource docker ${DOCKER_PLUGIN_VERSION}   # or ./scripts/test, with the stand-ins`,
    );
  }
  const folders = new Set(official.map((file) => dirname(file)));
  return { ...env, PATH: [...folders, env.PATH].join(delimiter), [PLUGINS_VARIABLE]: "official" };
}
