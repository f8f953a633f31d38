import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Context, logFile } from "./part.ts";
import { logged } from "./run.ts";

export interface NpmInstall {
  /** What happens, for people. */
  readonly title: string;
  /** Name of the log. */
  readonly log: string;
  /** Folder of the checkout with the lock file, and the files that npm wants of it. */
  readonly source: string;
  readonly files: readonly string[];
  /** Where `node_modules` is to be. */
  readonly work: string;
  readonly options?: readonly string[];
}

/**
 * The packages of a lock file for images: production ones, for Linux with glibc on this processor. Scripts are off:
 * native packages carry their binaries.
 */
export async function npmInstall(
  context: Context,
  { title, log, source, files, work, options = [] }: NpmInstall,
): Promise<void> {
  for (const file of files) {
    await mkdir(dirname(join(work, file)), { recursive: true });
    await copyFile(join(source, file), join(work, file));
  }
  const platform = ["--os=linux", `--cpu=${context.arch}`, "--libc=glibc"];
  const quiet = ["--no-audit", "--no-fund"];
  await context.progress.step(title, () =>
    logged(
      logFile(context, log),
      "npm",
      ["ci", ...options, "--omit=dev", "--ignore-scripts", ...platform, ...quiet],
      {
        cwd: work,
        env: { ...context.env, ONNXRUNTIME_NODE_INSTALL: "skip" },
        fix: `check that npm reaches its registry (log: ${logFile(context, log)}), then ./scripts/setup`,
      },
    ),
  );
}
