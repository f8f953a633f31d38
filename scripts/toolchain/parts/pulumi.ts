import { rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { checksumOf, downloadText, downloadVerified } from "../download.ts";
import { asError, ToolchainError } from "../errors.ts";
import { filesKey } from "../keys.ts";
import { type Context, healthy, logFile, missing, type Part } from "../part.ts";
import { isExecutable, logged, output, which } from "../run.ts";
import { pulumiSettings } from "../settings.ts";
import { entry } from "../store.ts";
import { isAtLeast, OLDEST_PULUMI, PULUMI_VERSION } from "../versions.ts";
import { buildModule, ensureGo, findGo, goModule } from "./go.ts";

const COMMAND = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

export interface PulumiCli {
  readonly file: string;
  readonly version: string;
  readonly source: string;
}

/** The Pulumi CLI: yours → official download → built from Go modules. */
export const pulumiPart: Part = {
  name: "pulumi CLI",
  needs: [],

  async find(context) {
    const { cli, tooOld } = await findPulumi(context);
    if (cli !== undefined) return healthy(cli.version, cli.source);
    const old = tooOld === undefined ? "" : ` (${tooOld} on PATH is older than ${OLDEST_PULUMI})`;
    return missing(`no Pulumi CLI${old}`);
  },

  async packages(context) {
    if (await context.network.answers(downloadBase(context))) return [];
    return (await findGo(context)) === undefined ? ["golang-go", "ca-certificates"] : [];
  },

  async get(context) {
    const { tooOld } = await findPulumi(context);
    if (tooOld !== undefined) {
      context.progress.say(
        `  your pulumi is ${tooOld}; the lab needs ${OLDEST_PULUMI} or later and gets its own`,
      );
    }
    if (await download(context)) return;
    await build(context);
  },
};

/** The CLI that is used: the first that runs and is new enough; and the version of one on PATH that is too old. */
export async function findPulumi(context: Context): Promise<{ cli?: PulumiCli; tooOld?: string }> {
  const { env } = context;
  const home = env.PULUMI_HOME;
  const onPath = await which("pulumi", env.PATH ?? "");
  const candidates = [
    { file: onPath, source: `on PATH (${onPath})` },
    { file: home ? join(home, "bin/pulumi") : undefined, source: "in PULUMI_HOME" },
    { file: join(env.HOME ?? homedir(), ".pulumi/bin/pulumi"), source: "in ~/.pulumi" },
    { file: join(downloadDir(context), "pulumi/pulumi"), source: "official download" },
    { file: join(await buildDir(context), "pulumi"), source: "built from Go modules" },
  ];
  let tooOld: string | undefined;
  for (const { file, source } of candidates) {
    if (file === undefined || !(await isExecutable(file))) continue;
    const version = await versionOf(context, file);
    if (version === undefined) continue;
    if (isAtLeast(version, OLDEST_PULUMI)) {
      return { cli: { file, version, source }, ...(tooOld === undefined ? {} : { tooOld }) };
    }
    tooOld ??= version;
  }
  return tooOld === undefined ? {} : { tooOld };
}

/** What the CLI says of itself. It keeps a log of every run, in PULUMI_HOME. */
function versionOf(context: Context, file: string): Promise<string | undefined> {
  const env = { ...context.env, ...pulumiSettings(context) };
  return output(file, ["version"], { env, timeout: 20_000 });
}

/** Where official releases come from; a mirror can be named in EDGELAB_PULUMI_URL. */
function downloadBase({ env }: Context): string {
  return env.EDGELAB_PULUMI_URL ?? "https://get.pulumi.com/releases/sdk";
}

/**
 * The official release, its SHA-256 compared with the checksum file beside it. False when it cannot be had here
 * (said, and remembered for an hour); a file that differs from its checksum is an error, not a reason to go on.
 */
export async function download(context: Context): Promise<boolean> {
  const base = downloadBase(context);
  if (!(await context.network.answers(base))) return false;
  const name = `pulumi-v${PULUMI_VERSION}-linux-${context.arch}.tar.gz`;
  const checksums = await downloadText(`${base}/pulumi-${PULUMI_VERSION}-checksums.txt`).catch(
    (thrown: unknown) => {
      context.progress.say(`  no official Pulumi download: ${asError(thrown).message}`);
      return undefined;
    },
  );
  if (checksums === undefined) {
    await context.network.refuse(new URL(base).host);
    return false;
  }
  await context.progress.step(`downloading the Pulumi CLI ${PULUMI_VERSION}`, () =>
    entry(downloadDir(context), async (temporary) => {
      const archive = join(temporary, name);
      await downloadVerified(`${base}/${name}`, archive, checksumOf(checksums, name));
      await logged(logFile(context, "pulumi"), "tar", ["-xzf", archive, "-C", temporary]);
      await rm(archive);
    }),
  );
  return true;
}

async function build(context: Context): Promise<void> {
  const go = await ensureGo(context);
  await entry(await buildDir(context), async (temporary) => {
    const target = join(temporary, "pulumi");
    await buildModule(context, go, {
      title: `the Pulumi CLI ${PULUMI_VERSION}`,
      log: "pulumi",
      source: goModule(context.root),
      command: COMMAND,
      variables: { [VERSION_VARIABLE]: PULUMI_VERSION },
      target,
    });
    if (!(await versionOf(context, target))) {
      throw new ToolchainError(
        "the Pulumi CLI was built but does not run",
        `read ${logFile(context, "pulumi")}`,
      );
    }
  });
}

function downloadDir(context: Context): string {
  return join(context.cache, `pulumi-${PULUMI_VERSION}-${context.arch}-official`);
}

async function buildDir(context: Context): Promise<string> {
  const folder = goModule(context.root);
  const key = await filesKey(folder, ["go.mod", "go.sum"], `build-1 ${PULUMI_VERSION} ${context.arch}`);
  return join(dirname(downloadDir(context)), `pulumi-${PULUMI_VERSION}-${context.arch}-built-${key}`);
}
