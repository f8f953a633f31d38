import { join } from "node:path";
import { ToolchainError } from "./errors.ts";
import type { Progress } from "./progress.ts";
import { privileged, rights, typed } from "./rights.ts";
import { attempt, type Env, logged, which } from "./run.ts";

// Another apt may be at work (unattended upgrades on a fresh machine): wait for it rather than fail.
const LOCK = ["-o", "DPkg::Lock::Timeout=600"];

/**
 * Installs Debian packages: one `apt-get update` however many parts ask, one installation at a time.
 * A name that ends in `?` is installed only where the release has it (docker-cli is a package of its own since
 * Debian 13).
 */
export class Apt {
  readonly #env: Env;
  readonly #logFile: string;
  readonly #progress: Progress;
  #queue: Promise<void> = Promise.resolve();
  #updated = false;

  constructor(env: Env, cache: string, progress: Progress) {
    this.#env = { ...env, DEBIAN_FRONTEND: "noninteractive" };
    this.#logFile = join(cache, "logs", "apt.log");
    this.#progress = progress;
  }

  /** @throws ToolchainError naming the command to type, where there is no apt or no right to use it */
  install(packages: readonly string[]): Promise<void> {
    const next = this.#queue.then(() => this.#install([...new Set(packages)]));
    // The queue goes on after a failure; whoever asked for the failed packages is told by `next`.
    this.#queue = next.catch(() => undefined);
    return next;
  }

  async #install(packages: readonly string[]): Promise<void> {
    const plain = packages.map((name) => name.replace(/\?$/, ""));
    const command = typed(
      `apt-get update && ${typed(`apt-get install -y --no-install-recommends ${plain.join(" ")}`)}`,
    );
    if ((await which("apt-get", this.#env.PATH ?? "")) === undefined) {
      throw new ToolchainError(
        `${plain.join(", ")}: not installed, and this system has no apt-get`,
        `install what corresponds to the Debian packages ${plain.join(", ")}, then run ./scripts/setup`,
      );
    }
    const have = await rights();
    if (have === "none") {
      throw new ToolchainError(`${plain.join(", ")}: not installed, and installing needs root`, command);
    }
    const run = (args: readonly string[]): Promise<void> => {
      const [file, rest] = privileged(have, [
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        ...LOCK,
        ...args,
      ]);
      return logged(this.#logFile, file, rest, { env: this.#env, fix: command });
    };
    if (!this.#updated) await this.#progress.step("apt-get update", () => run(["update", "-qq"]));
    this.#updated = true;
    const wanted = await this.#available(packages);
    await this.#progress.step(`apt-get install ${wanted.join(" ")}`, () =>
      run(["install", "-y", "-qq", "--no-install-recommends", ...wanted]),
    );
  }

  async #available(packages: readonly string[]): Promise<string[]> {
    const checked = await Promise.all(
      packages.map(async (name) => {
        if (!name.endsWith("?")) return [name];
        const bare = name.slice(0, -1);
        return !(await attempt("apt-cache", ["show", "--no-all-versions", bare])).failed ? [bare] : [];
      }),
    );
    return checked.flat();
  }
}
