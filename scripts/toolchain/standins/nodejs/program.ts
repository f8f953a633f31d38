import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

/** What the engine asks to be run: RunRequest of pulumi/proto/pulumi/language.proto. */
export interface Run {
  readonly project: string;
  readonly stack: string;
  readonly organization: string;
  readonly monitor: string;
  readonly engine: string;
  readonly parallel: number;
  readonly dryRun: boolean;
  readonly pwd: string;
  readonly rootDirectory: string;
  readonly programDirectory: string;
  readonly entryPoint: string;
  readonly args: readonly string[];
  readonly config: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
  readonly options: Options;
}

/** `runtime.options` of Pulumi.yaml, as far as they are supported here. */
export interface Options {
  /** Load the program by ts-node; the engine's documented default. */
  readonly typescript: boolean;
  /** Arguments for node itself, separated by spaces. */
  readonly nodeargs: readonly string[];
}

/** @throws naming every option that is not supported, or not of its type */
export function parseOptions(options: Readonly<Record<string, unknown>>): Options {
  const { typescript = true, nodeargs = "", ...others } = options;
  const problems = Object.keys(others).map((name) => `runtime.options.${name} is not supported`);
  if (typeof typescript !== "boolean") problems.push("runtime.options.typescript must be true or false");
  if (typeof nodeargs !== "string") problems.push("runtime.options.nodeargs must be a string");
  if (problems.length > 0 || typeof typescript !== "boolean" || typeof nodeargs !== "string") {
    throw new Error(`Pulumi.yaml: ${problems.join("; ")} by the nodejs language host stand-in`);
  }
  return { typescript, nodeargs: nodeargs.split(" ").filter((argument) => argument !== "") };
}

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The nearest `node_modules/node/bin/node` at or above the directory (npm's package `node`), else `fallback`. */
export function findNode(directory: string, fallback: string): string {
  const candidate = join(directory, "node_modules/node/bin/node");
  if (existsSync(candidate)) return candidate;
  const parent = dirname(directory);
  return parent === directory ? fallback : findNode(parent, fallback);
}

/**
 * The command that runs a program: node on the SDK's own launcher (`@pulumi/pulumi/cmd/run`).
 *
 * @throws when the program's directory has no `@pulumi/pulumi`
 */
export function launchOf(run: Run): Launch {
  const directory = resolve(run.programDirectory);
  const flags = {
    monitor: run.monitor,
    engine: run.engine,
    organization: run.organization,
    project: run.project,
    stack: run.stack,
    "root-directory": run.rootDirectory,
    pwd: run.pwd,
    parallel: String(run.parallel),
  };
  const given = Object.entries(flags).filter(([, value]) => value !== "");
  return {
    command: findNode(directory, process.execPath),
    args: [
      ...run.options.nodeargs,
      launcherOf(directory),
      ...given.flatMap(([name, value]) => [`--${name}`, value]),
      ...(run.dryRun ? ["--dry-run"] : []),
      run.entryPoint,
      ...run.args,
    ],
    cwd: directory,
    env: {
      PULUMI_CONFIG: JSON.stringify(run.config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(run.secretKeys),
      PULUMI_NODEJS_TYPESCRIPT: String(run.options.typescript),
    },
  };
}

/** The command that runs a policy pack: node on the SDK's launcher for these, with what the engine gave. */
export function policyLaunchOf(
  directory: string,
  args: readonly string[],
  variables: readonly string[],
): Launch {
  return {
    command: findNode(directory, process.execPath),
    args: [launcherOf(directory, "run-policy-pack"), ...args, "."],
    cwd: directory,
    env: Object.fromEntries(
      variables.map((entry) => {
        const [name = "", ...value] = entry.split("=");
        return [name, value.join("=")];
      }),
    ),
  };
}

function launcherOf(directory: string, launcher = "run"): string {
  try {
    return createRequire(join(directory, "package.json")).resolve(`@pulumi/pulumi/cmd/${launcher}`);
  } catch (error) {
    throw new Error(`${directory} has no @pulumi/pulumi: run \`npm ci\` there`, { cause: error });
  }
}
