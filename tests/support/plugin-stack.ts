import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { expect } from "vitest";
import { PLUGINS_VARIABLE } from "../../scripts/checks/official.ts";
import { environment } from "../../scripts/toolchain/environment.ts";

const root = join(import.meta.dirname, "../..");

/** Whether this run is of official plugins: `./scripts/test --official`. */
export const official = process.env[PLUGINS_VARIABLE] === "official";
export type Plugins = "official" | "stand-ins";

/** A small program of its own under the real CLI, in a folder with its state, and with one provider to be tested. */
export class PluginStack {
  readonly folder = mkdtempSync(join(tmpdir(), "edgelab-plugins-"));
  readonly #provider: string;
  #cli = "";
  #env: Readonly<Record<string, string | undefined>> = {};

  /**
   * @param provider name of the provider that has a stand-in
   * @param program folder of the program, beside this file
   */
  constructor(provider: string, program: string) {
    this.#provider = provider;
    cpSync(join(import.meta.dirname, program), this.folder, { recursive: true });
    mkdirSync(join(this.folder, "state"));
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
  }

  async init(): Promise<void> {
    const { env, pulumi } = await environment();
    this.#cli = pulumi;
    this.#env = {
      ...env,
      PULUMI_BACKEND_URL: `file://${join(this.folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "for this test only",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    await this.succeed("stack", "init", "test");
  }

  /** Runs the CLI with plugins of a kind, whatever this run is of. */
  async run(plugins: Plugins, args: readonly string[]) {
    const standins = [this.#provider, "nodejs"].map((each) => join(root, "scripts/toolchain/standins", each));
    // What is on PATH comes before what PULUMI_HOME knows.
    const PATH = [...(plugins === "official" ? [] : standins), this.#env.PATH].join(delimiter);
    const { exitCode, all } = await execa(this.#cli, [...args, "--non-interactive"], {
      cwd: this.folder,
      env: { ...this.#env, PATH },
      all: true,
      reject: false,
    });
    return { exitCode, all };
  }

  /** Runs the CLI with the plugins that this run is of. */
  pulumi(...args: readonly string[]) {
    return this.run(official ? "official" : "stand-ins", args);
  }

  /** @returns what the CLI has said @throws with it when it fails */
  async succeed(...args: readonly string[]): Promise<string> {
    const { exitCode, all } = await this.pulumi(...args);
    expect(exitCode, all).toBe(0);
    return all;
  }

  up(...flags: readonly string[]): Promise<string> {
    return this.succeed("up", "--yes", "--skip-preview", ...flags);
  }

  /** @throws when an update would change anything */
  async unchanged(): Promise<void> {
    await this.up("--expect-no-changes");
  }

  set(key: string, value: string, ...flags: readonly string[]): Promise<string> {
    return this.succeed("config", "set", ...flags, key, value);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
