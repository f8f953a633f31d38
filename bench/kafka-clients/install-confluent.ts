import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { attempt } from "../../scripts/toolchain/run.ts";
import { confluentFolder } from "./confluent.ts";

const client = "@confluentinc/kafka-javascript";
const version = "1.10.1";
const installMs = 180_000;
/** One core compiles librdkafka in about two minutes. */
const buildMs = 600_000;

/**
 * Installs librdkafka's client: as npm does it by itself, with a native part that it downloads, or else by building that
 * part from the package's own sources, which needs g++, make and the headers of OpenSSL and zlib.
 *
 * @returns why it cannot be had, or undefined when it is there
 */
export async function installConfluent(): Promise<string | undefined> {
  const folder = confluentFolder();
  await mkdir(folder, { recursive: true });
  if (await loads(folder)) return undefined;
  const downloaded = await npmInstall(folder, `${client}@${version}`);
  if (!downloaded.failed && (await loads(folder))) return undefined;
  const built = await build(folder);
  if (!built.failed && (await loads(folder))) return undefined;
  return (
    `its native part cannot be downloaded (${failureOf(downloaded.stderr)}) ` +
    `and not be built (${failureOf(built.stderr)})`
  );
}

async function loads(folder: string): Promise<boolean> {
  return !(await attempt(process.execPath, ["-e", `require("${client}")`], { cwd: folder })).failed;
}

/** What became of a command. */
interface Outcome {
  readonly failed: boolean;
  readonly stderr: string;
}

/** Node's headers come from npm too, in the package that its binary comes in. */
async function build(folder: string): Promise<Outcome> {
  const node = `node-${process.platform}-${process.arch}`;
  const fetched = await npmInstall(
    folder,
    "--ignore-scripts",
    `${client}@${version}`,
    `${node}@${process.versions.node}`,
  );
  if (fetched.failed) return fetched;
  return attempt("npx", ["--no-install", "node-pre-gyp", "install", "--build-from-source"], {
    cwd: join(folder, "node_modules", client),
    env: {
      ...process.env,
      npm_config_nodedir: join(folder, "node_modules", node),
      // The static build wants sources that are not in the package.
      CKJS_LINKING: "dynamic",
      JOBS: "1",
    },
    timeout: buildMs,
  });
}

function npmInstall(folder: string, ...what: string[]): Promise<Outcome> {
  const args = ["install", "--no-audit", "--no-fund", "--prefix", folder, ...what];
  return attempt("npm", args, { cwd: folder, timeout: installMs });
}

/** What went wrong, in one line of what `npm install` printed: the cause if it can be told, else npm's first error. */
export function failureOf(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.replace(/^npm (error|ERR!) ?/, "").trim());
  const cause =
    /Failed to install dependency|Could not resolve|fatal error:|ENOTFOUND|ECONNREFUSED|not found/;
  const line = lines.find((each) => cause.test(each)) ?? lines.find((each) => each !== "");
  return line?.slice(0, 160) ?? "npm said nothing";
}
