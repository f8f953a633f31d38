import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { parse } from "yaml";
import { type LabOutputs, labOutputs } from "../lab/queries.ts";
import { withoutSalt } from "../stack/config-files.ts";
import { PROJECT } from "../stack/stack.ts";
import type { PulumiEnvironment } from "../toolchain/environment.ts";
import { ToolchainError } from "../toolchain/errors.ts";
import type { Context } from "../toolchain/part.ts";
import { attempt } from "../toolchain/run.ts";
import { withOverrides } from "./overrides.ts";

/** A resource that an update touched. */
export interface Change {
  /** `create`, `update`, `replace`, `delete`, … */
  readonly op: string;
  readonly type: string;
  readonly name: string;
}

export interface Deployment {
  readonly seconds: number;
  readonly outputs: LabOutputs;
  readonly changes: readonly Change[];
}

export interface LabControlOptions {
  readonly context: Context;
  readonly pulumi: PulumiEnvironment;
  readonly stack: string;
  /** Stack config to use instead of `Pulumi.<stack>.yaml`. */
  readonly configFile: string | undefined;
}

/** Lines of Pulumi's output that a failure shows. */
const shownLines = 30;

/**
 * Deploys a stack with some config keys changed. The changed config is in a file of its own: the user's
 * `Pulumi.<stack>.yaml` is never written, so that whatever happens, `./scripts/up` brings back what it says.
 */
export class LabControl {
  readonly #options: LabControlOptions;
  readonly #folder: string;

  private constructor(options: LabControlOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
  }

  /** The stack must exist. */
  static async open(options: LabControlOptions): Promise<LabControl> {
    return new LabControl(options, await mkdtemp(join(options.context.project, "cdf-")));
  }

  /** The config that is deployed with these keys changed: every key that differs from its default. */
  async config(overrides: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
    const { config = {} } = parse(withOverrides(await this.#ownConfig(), overrides)) as {
      config?: Record<string, unknown>;
    };
    return config;
  }

  /**
   * Deploys the stack config with these keys (`classification.rate`) changed.
   * @throws ToolchainError with the end of what Pulumi said when it fails
   */
  async up(overrides: Readonly<Record<string, string>>): Promise<Deployment> {
    return this.#up({ configFile: await this.#changed(overrides) });
  }

  /** Deploys what the user's own stack config says. */
  async restore(): Promise<Deployment> {
    // A file that was named is copied: Pulumi writes its salt into what it is given.
    const copy = this.#options.configFile === undefined ? {} : { configFile: await this.#changed({}) };
    // Refreshed, since an update that was cancelled may have left more or less than the state knows of.
    return this.#up({ refresh: true, ...copy });
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }

  /**
   * By the CLI, and not by the Automation API, which asks the CLI three times for outputs and history after each update:
   * that takes seconds on a small machine. What the update touched is in the same log of events that it reads.
   */
  async #up({
    configFile,
    refresh = false,
  }: {
    configFile?: string;
    refresh?: boolean;
  }): Promise<Deployment> {
    const { context, pulumi, stack } = this.#options;
    const events = join(this.#folder, "events.json");
    await rm(events, { force: true });
    const args = [
      "up",
      ...["--yes", "--skip-preview", "--non-interactive", "--suppress-progress", "--suppress-outputs"],
      ...["--color", "never", "--stack", stack, "--event-log", events],
      ...(refresh ? ["--refresh"] : []),
      ...(configFile === undefined ? [] : ["--config-file", configFile]),
    ];
    // The CLI has the option for the log only with this set, as the Automation API does.
    const env = { ...pulumi.env, PULUMI_DEBUG_COMMANDS: "true" };
    const started = performance.now();
    // With another config file, too, Pulumi leaves its salt in the stack's own.
    const { failed, all, shortMessage } = await withoutSalt(context.root, false, () =>
      attempt(pulumi.pulumi, args, { cwd: context.root, env, all: true }),
    );
    const seconds = (performance.now() - started) / 1000;
    if (failed) {
      const lines = (all ?? "").trim().split("\n").slice(-shownLines);
      throw new ToolchainError(
        `pulumi up failed (${shortMessage?.split(": ")[0]}):\n${lines.join("\n")}`,
        `./scripts/up ${stack}`,
      );
    }
    const changes = changesIn(await readFile(events, "utf8"));
    return { seconds, outputs: await labOutputs(pulumi, context.root, stack), changes };
  }

  /** A file of its own with the stack config and these keys changed. */
  async #changed(overrides: Readonly<Record<string, string>>): Promise<string> {
    const file = join(this.#folder, `Pulumi.${this.#options.stack}.yaml`);
    await writeFile(file, withOverrides(await this.#ownConfig(), overrides), { mode: 0o600 });
    return file;
  }

  async #ownConfig(): Promise<string> {
    const { context, stack, configFile } = this.#options;
    const file = configFile ?? join(context.root, `Pulumi.${stack}.yaml`);
    return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      // A stack without config of its own has no file; one that was named has to be there.
      if (error.code === "ENOENT" && configFile === undefined) return "";
      throw error;
    });
  }
}

/** What changes nothing, and the halves of a replacement, which is told as a whole besides. */
const untold: ReadonlySet<string> = new Set([
  "same",
  "read",
  "refresh",
  "create-replacement",
  "delete-replaced",
]);

/**
 * What an update touched.
 * @param log one event a line, as `pulumi up --event-log` writes them
 */
export function changesIn(log: string): Change[] {
  return log
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => (JSON.parse(line) as EngineEvent).resOutputsEvent?.metadata ?? [])
    .filter(({ op }) => !untold.has(op))
    .map(({ op, type, urn }) => ({ op, type, name: urn.split("::").at(-1) ?? urn }));
}

/** A key of the stack config as Pulumi writes it. */
export function configKey(name: string): string {
  return `${PROJECT}:${name}`;
}
