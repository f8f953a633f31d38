import { chmod, cp, mkdir, readdir, readFile, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ToolchainError } from "../errors.ts";
import { type Context, logFile } from "../part.ts";
import { attempt, isExecutable, logged, output, which } from "../run.ts";
import { entry } from "../store.ts";
import { debianArch, isAtLeast, OLDEST_GO } from "../versions.ts";

/** A Go that can build the CLI, and how it finds the exact version that go.mod asks for. */
export interface Go {
  readonly file: string;
  readonly version: string;
  readonly source: string;
  readonly toolchain: "auto" | "local";
}

/** The Go modules of the Pulumi CLI: a go.mod and go.sum that we keep. */
export function goModule(root: string): string {
  return join(root, "scripts/toolchain/pulumi-cli");
}

/** A Go on PATH or in Debian's folders that is new enough, or one we fetched earlier. */
export async function findGo(context: Context): Promise<Go | undefined> {
  for (const { file, version } of await installedGos(context)) {
    if (isAtLeast(version, OLDEST_GO)) return { file, version, source: file, toolchain: "auto" };
  }
  const wanted = await goVersion(context.root);
  const fetched = join(goDir(context, wanted), "go/bin/go");
  if (!(await isExecutable(fetched))) return undefined;
  return {
    file: fetched,
    version: `go${wanted}`,
    source: "Go module golang.org/toolchain",
    toolchain: "local",
  };
}

/**
 * Finds or gets a Go. Debian 12's (1.19) is too old to build the CLI or to switch versions by itself, but
 * new enough to download a current toolchain, which is published as a module like any other.
 */
export async function ensureGo(context: Context): Promise<Go> {
  const found = await findGo(context);
  if (found !== undefined) return found;
  if ((await installedGos(context)).length === 0) await context.apt.install(["golang-go"]);
  const installed = await installedGos(context);
  const current = await findGo(context);
  if (current !== undefined) return current;
  const old = installed[0];
  if (old === undefined)
    throw new ToolchainError("no Go is installed", "install Go 1.21 or later, then ./scripts/setup");
  const wanted = await goVersion(context.root);
  await context.progress.step(`fetching Go ${wanted}`, () => fetchToolchain(context, old.file, wanted));
  const fetched = await findGo(context);
  if (fetched === undefined) throw new Error(`Go ${wanted} was fetched but does not run`);
  return fetched;
}

/**
 * The environment for builds with this Go. Its compiler spends a third of its time on collecting garbage of processes that
 * end in a second; one that gets large collects it.
 */
function goEnvironment(context: Context, go: Go): Record<string, string | undefined> {
  return {
    ...context.env,
    GOTOOLCHAIN: go.toolchain,
    GOWORK: "off",
    GOFLAGS: "",
    GOGC: "off",
    GOMEMLIMIT: "1GiB",
  };
}

/** A program to be built from a module that we keep. */
export interface GoBuild {
  /** What it is, for people. */
  readonly title: string;
  readonly log: string;
  /** Folder of the module. */
  readonly source: string;
  /** Package to build. */
  readonly command: string;
  /** Variables of its packages that are set, by name. */
  readonly variables?: Readonly<Record<string, string>>;
  /** File to be made, in the folder that the module is copied to as well: go writes into its go.mod. */
  readonly target: string;
}

/**
 * One build at a time has all processors; the next one finds what it has compiled of the packages that they share. That
 * takes the same flags in all of them, which leave out what only a debugger reads.
 */
const flags = ["-mod=mod", "-buildvcs=false", "-trimpath", "-gcflags=all=-dwarf=false"];
let builds: Promise<void> = Promise.resolve();

/** @throws ToolchainError when it cannot be built */
export async function buildModule(context: Context, go: Go, build: GoBuild): Promise<void> {
  const { title, log, source, command, variables = {}, target } = build;
  const module = join(dirname(target), "module");
  await mkdir(module);
  await cp(source, module, { recursive: true });
  const run = (args: readonly string[]) =>
    logged(logFile(context, log), go.file, args, {
      cwd: module,
      env: goEnvironment(context, go),
      fix: "check that the Go module proxy is reachable (go env GOPROXY), then run ./scripts/setup again",
    });
  await context.progress.step(`fetching the modules of ${title}`, () =>
    run(["list", "-mod=mod", "-deps", command]),
  );
  const set = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`);
  const args = ["build", ...flags, `-ldflags=${["-s", "-w", ...set].join(" ")}`, "-o", target, command];
  const built = builds.then(() =>
    context.progress.step(`building ${title} with ${go.version}`, () => run(args)),
  );
  // Whoever asked for a build that fails is told; the next one goes on.
  builds = built.catch(() => undefined);
  await built;
  await rm(module, { recursive: true });
}

/**
 * Downloads golang.org/toolchain at `version`; go verifies it against its checksum database.
 * The module cache drops the executable bits (modules have none), so they are set here.
 */
export async function fetchToolchain(context: Context, oldGo: string, version: string): Promise<void> {
  const module = `golang.org/toolchain@v0.0.1-go${version}.linux-${debianArch(context.arch)}`;
  await entry(goDir(context, version), async (temporary) => {
    const env = { ...context.env, GOFLAGS: "", GO111MODULE: "on", GOWORK: "off" };
    const result = await attempt(oldGo, ["mod", "download", "-json", module], { cwd: temporary, env });
    const answer = JSON.parse(result.stdout || "{}") as { Dir?: string; Error?: string };
    if (answer.Dir === undefined) {
      throw new ToolchainError(
        `cannot download ${module}: ${answer.Error ?? result.stderr.trim()}`,
        `install Go 1.21 or later, then ./scripts/setup (log: ${logFile(context, "go")})`,
      );
    }
    for (const folder of await toolFolders(answer.Dir)) {
      for (const name of await readdir(folder)) await chmod(join(folder, name), 0o755);
    }
    await symlink(answer.Dir, join(temporary, "go"));
  });
}

async function toolFolders(goRoot: string): Promise<string[]> {
  const tools = join(goRoot, "pkg/tool");
  const platforms = await readdir(tools);
  return [join(goRoot, "bin"), ...platforms.map((platform) => join(tools, platform))];
}

async function installedGos(context: Context): Promise<{ file: string; version: string }[]> {
  const debian = (await readdir("/usr/lib").catch(() => [])).filter((name) => /^go-\d/.test(name));
  const onPath = await which("go", context.env.PATH ?? "");
  const files = [onPath, "/usr/local/go/bin/go", ...debian.map((name) => `/usr/lib/${name}/bin/go`)];
  const found = files.filter((file) => file !== undefined);
  const env = { ...context.env, GOTOOLCHAIN: "local" };
  const versions = await Promise.all(
    [...new Set(found)].map(async (file) => ({ file, version: await output(file, ["version"], { env }) })),
  );
  return versions.flatMap(({ file, version }) => {
    const number = version?.split(" ")[2];
    return number === undefined ? [] : [{ file, version: number }];
  });
}

async function goVersion(root: string): Promise<string> {
  const goMod = await readFile(join(goModule(root), "go.mod"), "utf8");
  const line = /^go (\S+)$/m.exec(goMod);
  if (line?.[1] === undefined) throw new Error("scripts/toolchain/pulumi-cli/go.mod has no go line");
  return line[1];
}

function goDir(context: Context, version: string): string {
  return join(context.cache, `go-${version}-${context.arch}`);
}
