import { execFile } from "node:child_process";
import { mkdtemp, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { messageOf } from "../../../common/errors.ts";

const run = promisify(execFile);

export interface Tmpfs {
  readonly folder: string;
  unmount(): Promise<void>;
}

/** A file system of so many bytes, or the reason why there is none: mounting takes root, and a container may not. */
export async function mountTmpfs(bytes: number): Promise<Tmpfs | string> {
  const folder = await mkdtemp(join(tmpdir(), "tmpfs-"));
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder]);
  } catch (error) {
    await rmdir(folder);
    return `no tmpfs can be mounted here: ${messageOf(error)}`;
  }
  return {
    folder,
    unmount: async () => {
      await run("umount", [folder]);
      await rmdir(folder);
    },
  };
}
