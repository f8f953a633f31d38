import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { waitFor } from "../../apps/common/retry.ts";
import { LAB_LABEL } from "../../lib/docker/holdings.ts";
import { forgetLab } from "../../lib/lab-note.ts";
import type { HostForwards } from "../../scripts/lab/host-forwards.ts";
import { labIdOf } from "../../scripts/lab/machines.ts";
import type { Row } from "../../scripts/watching/rows.ts";

const root = join(import.meta.dirname, "../..");
/** What the names of test labs' folders begin with, in the system's folder for temporary files. */
export const labFolder = "edgelab-test-";

/** What `pulumi stack output --json --show-secrets` prints for this program. */
export interface Outputs {
  readonly bootstrapServers: string;
  readonly postgresUrl: string;
  readonly documentsUrl: string;
  readonly mqttUrl: string;
  readonly classifierUrl: string;
  readonly topics: readonly string[];
  readonly producers: number;
  readonly producerUrls: readonly string[];
  readonly hosts: readonly { readonly name: string; readonly address: string }[];
  readonly forwards: readonly HostForwards[];
  /** The host of each service. */
  readonly placement: Readonly<Record<string, string>>;
}

/** One step of a plan, as far as the tests look at it. */
export interface Step {
  readonly op: string;
  /** Resource name and type, from the URN. */
  readonly name: string;
  readonly type: string;
}

/**
 * A lab of its own for tests: a stack with its own name, ports and state, driven through `./scripts/pulumi` as a
 * user would drive it, so that it neither sees nor touches a lab that is up already.
 */
export class TestLab {
  readonly stack: string;
  private readonly folder = mkdtempSync(join(tmpdir(), labFolder));
  private readonly configFile: string;
  private readonly config: Record<string, unknown>;
  /** The lab's id, as far as the state had it when it was last looked at. */
  private id: string | undefined;

  /** @param config initial stack config, keys without the project's name */
  constructor(name: string, config: Record<string, unknown>) {
    this.stack = `${name}-${process.pid}`;
    this.configFile = join(this.folder, `Pulumi.${this.stack}.yaml`);
    this.config = config;
    this.write();
  }

  private write(): void {
    const config = Object.fromEntries(
      Object.entries(this.config).map(([key, value]) => [`edgelab:${key}`, value]),
    );
    writeFileSync(this.configFile, stringify({ config }));
  }

  /** Changes one config key as `pulumi config set` does; undefined takes it out. */
  set(key: string, value: unknown): void {
    if (value === undefined) delete this.config[key];
    else this.config[key] = value;
    this.write();
  }

  /** Changes one config key as `pulumi config set --secret` does. */
  async setSecret(key: string, value: string): Promise<void> {
    await this.run(["config", "set", "--secret", key, value, ...this.withConfig]);
    const { config } = parse(readFileSync(this.configFile, "utf8")) as { config: Record<string, unknown> };
    this.set(key, config[`edgelab:${key}`]);
  }

  private async run(args: readonly string[], more: { stack?: boolean; reject?: boolean } = {}) {
    const stack = more.stack === false ? [] : ["--stack", this.stack];
    return execa(join(root, "scripts/pulumi"), [...args, ...stack, "--non-interactive"], {
      cwd: root,
      env: this.env,
      reject: more.reject ?? true,
      all: true,
    });
  }

  /** The environment of Pulumi on this lab's state. */
  get env() {
    return {
      PULUMI_BACKEND_URL: `file://${join(this.folder, "state")}`,
      PULUMI_HOME: join(this.folder, "home"),
      PULUMI_CONFIG_PASSPHRASE: "of a lab that lives for minutes",
      PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
      NO_COLOR: "1",
    };
  }

  /** Starts `./scripts/cdf` on this lab; `out` is where its results go. */
  cdf(out: string, ...args: string[]) {
    const on = ["--stack", this.stack, "--config-file", this.configFile, "--out", out];
    return this.script("cdf", ...args, ...on);
  }

  /** Starts `./scripts/tunnel` on this lab; it runs until it is told to end. */
  tunnel() {
    return this.script("tunnel", this.stack);
  }

  /** Runs `./scripts/drill` on this lab; its report is in the folder `out`. */
  drill(out: string, ...args: string[]) {
    return this.script("drill", "--stack", this.stack, "--out", out, ...args);
  }

  /** Runs `./scripts/stop` or `./scripts/start` on this lab. @throws with what it has said when it fails */
  async turn(what: "stop" | "start"): Promise<string> {
    const { exitCode, all } = await this.script(what, this.stack);
    if (exitCode !== 0) throw new Error(`./scripts/${what} ended with ${exitCode}:\n${all}`);
    return all;
  }

  /** What `./scripts/health` finds, and its exit code. */
  async health(): Promise<{ exitCode: number | undefined; rows: Row[] }> {
    const { exitCode, all } = await this.script("health", this.stack, "--json");
    const line = all.split("\n").find((one) => one.startsWith("{"));
    if (line === undefined) throw new Error(`./scripts/health ended with ${exitCode}:\n${all}`);
    return { exitCode, rows: (JSON.parse(line) as { rows: Row[] }).rows };
  }

  /** Runs `./scripts/down` on this lab. */
  down() {
    return this.script("down", this.stack);
  }

  private script(name: string, ...args: string[]) {
    return execa(join(root, "scripts", name), args, { cwd: root, env: this.env, reject: false, all: true });
  }

  private get withConfig(): string[] {
    return ["--config-file", this.configFile];
  }

  async init(): Promise<void> {
    mkdirSync(join(this.folder, "state"));
    await this.run(["stack", "init", this.stack], { stack: false });
    // Pulumi writes the passphrase's salt beside the project; the state has it too, and there it is used.
    rmSync(join(root, `Pulumi.${this.stack}.yaml`), { force: true });
  }

  /** Output and exit code of an update that may fail. */
  async tryUp(...more: string[]): Promise<{ exitCode: number | undefined; text: string }> {
    const args = ["up", "--yes", "--skip-preview", ...this.withConfig, ...more];
    const { exitCode, all } = await this.run(args, { reject: false });
    return { exitCode, text: all };
  }

  /** What `up()` runs, as bash takes it. */
  upCommand(): string {
    const args = [
      "up",
      "--yes",
      "--skip-preview",
      ...this.withConfig,
      "--stack",
      this.stack,
      "--non-interactive",
    ];
    return [join(root, "scripts/pulumi"), ...args].map((word) => `'${word}'`).join(" ");
  }

  /** @throws with Pulumi's output when the update fails */
  async up(...more: string[]): Promise<string> {
    return (await this.run(["up", "--yes", "--skip-preview", ...this.withConfig, ...more])).all;
  }

  /** Takes what is really there into the state, of some resources alone. @throws with Pulumi's output when that fails */
  async refresh(target: string): Promise<string> {
    return (await this.run(["refresh", "--yes", "--skip-preview", "--target", target, ...this.withConfig]))
      .all;
  }

  /** Output and exit code of a preview, which may fail. */
  async preview(...more: string[]): Promise<{ exitCode: number | undefined; text: string }> {
    const { exitCode, all } = await this.run(["preview", ...this.withConfig, ...more], { reject: false });
    return { exitCode, text: all };
  }

  /** The steps of a preview that are not `same`. */
  async plan(): Promise<Step[]> {
    const { stdout } = await this.run(["preview", "--json", ...this.withConfig]);
    const { steps } = JSON.parse(stdout) as { steps: { op: string; urn: string }[] };
    return steps
      .filter(({ op }) => op !== "same")
      .map(({ op, urn }) => {
        const [, , types = "", name = ""] = urn.split("::");
        return { op, name, type: types.split("$").at(-1) ?? "" };
      });
  }

  /** Unlocks the state after an update that was killed. */
  async cancel(): Promise<void> {
    await this.run(["cancel", "--yes"]);
  }

  async outputs(): Promise<Outputs> {
    const { stdout } = await this.run(["stack", "output", "--json", "--show-secrets"]);
    return JSON.parse(stdout) as Outputs;
  }

  /** The stack's state as it lies on the disk. */
  stateText(): string {
    return readFileSync(join(this.folder, "state/.pulumi/stacks/edgelab", `${this.stack}.json`), "utf8");
  }

  /** The lab's id, which its last one had where it is down. @throws where it was never up */
  labId(): string {
    this.id = labIdAt(this.folder, this.stack) ?? this.id;
    if (this.id === undefined) throw new Error(`${this.stack} was never up`);
    return this.id;
  }

  async destroy(...more: string[]): Promise<string> {
    this.labId();
    return (await this.run(["destroy", "--yes", "--skip-preview", ...this.withConfig, ...more])).all;
  }

  /**
   * Takes the lab down whatever state a failed test left it in, by Pulumi and then by its id, and removes the test's
   * folder.
   */
  async remove(): Promise<void> {
    const id = labIdAt(this.folder, this.stack) ?? this.id;
    await this.run(["cancel", "--yes"], { reject: false });
    const { exitCode, all } = await this.run(
      ["destroy", "--yes", "--skip-preview", "--refresh", ...this.withConfig],
      { reject: false },
    );
    // What a failed test has left may be beyond it, but what it said of that must not get lost.
    if (exitCode !== 0) process.stderr.write(`destroy of ${this.stack} ended with ${exitCode}:\n${all}\n`);
    if (id !== undefined) await removeLabelled(id);
    await forgetLab(root, this.stack);
    rmSync(this.folder, { recursive: true });
  }

  /** What Docker still has of this lab, by kind. */
  leftovers(): Promise<Labelled[]> {
    return labelled(this.labId());
  }

  /** Ids of all containers of the lab by their names within it. */
  async containers(): Promise<Record<string, string>> {
    const text = await docker(
      "container",
      "ls",
      "--filter",
      `label=${LAB_LABEL}=${this.labId()}`,
      "--no-trunc",
      "--format={{.Names}} {{.ID}}",
    );
    const rows = text.split("\n").filter((line) => line !== "");
    return Object.fromEntries(
      rows.map((line) => {
        const [name = "", id = ""] = line.split(" ");
        return [name.replace(`edgelab-${this.stack}-`, ""), id];
      }),
    );
  }
}

interface Labelled {
  readonly kind: "container" | "network" | "volume" | "image";
  readonly ids: string[];
}

/** The id of the lab whose state is in a test's folder; undefined where it was never up, or is down. */
export function labIdAt(folder: string, stack: string): string | undefined {
  const file = join(folder, "state/.pulumi/stacks/edgelab", `${stack}.json`);
  if (!existsSync(file)) return undefined;
  const { checkpoint } = JSON.parse(readFileSync(file, "utf8")) as { checkpoint: { latest: unknown } };
  return labIdOf(JSON.stringify({ deployment: checkpoint.latest }));
}

async function labelled(id: string): Promise<Labelled[]> {
  const label = ["--filter", `label=${LAB_LABEL}=${id}`];
  const list = async (...args: string[]) => (await docker(...args)).split("\n").filter((line) => line !== "");
  const images = ["image", "ls", "--format={{.Repository}}:{{.Tag}}", "--filter", "dangling=false"];
  return [
    { kind: "container", ids: await list("container", "ls", "--all", "--quiet", ...label) },
    { kind: "network", ids: await list("network", "ls", "--quiet", ...label) },
    { kind: "volume", ids: await list("volume", "ls", "--quiet", ...label) },
    { kind: "image", ids: await list(...images, ...label) },
  ];
}

/** Removes what Docker has of the lab with this id, running or not. */
export async function removeLabelled(id: string): Promise<void> {
  for (const { kind, ids } of await labelled(id)) {
    // What a container has in volumes without a name goes with it.
    const more = kind === "container" ? ["--volumes"] : [];
    if (ids.length > 0) await docker(kind, "rm", "--force", ...more, ...ids);
  }
}

/** Runs the docker CLI and returns what it printed. */
export async function docker(...args: string[]): Promise<string> {
  return (await execa("docker", args)).stdout;
}

/**
 * Asks until the answer is there. The limit is wide: it ends what hangs, and a slow machine must not meet it.
 * @param what completes "gave up waiting for …" in the error
 * @throws after `seconds`, with the last error if the asking itself failed; with the signal's reason once it is aborted
 */
export function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { seconds = 300, signal }: { seconds?: number; signal?: AbortSignal } = {},
): Promise<T> {
  return waitFor(what, ask, { timeoutMs: seconds * 1000, ...(signal && { signal }) });
}
