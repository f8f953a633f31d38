import { chown, mkdir, rmdir, stat } from "node:fs/promises";
import { dirname, isAbsolute } from "node:path";
import { z } from "zod";
import { checkInputs } from "./check.ts";
import type { ResourceHandler } from "./server.ts";

const inputs = z.strictObject({
  path: z.string().refine(isAbsolute, "must be an absolute path"),
  /** User and group that must be able to write to it. */
  uid: z.int().min(0),
  gid: z.int().min(0),
});

export type FolderInputs = z.infer<typeof inputs>;

export interface FolderOutputs extends FolderInputs {
  /** The topmost folder that had to be made; empty when it was there already. */
  readonly made: string;
}

/**
 * A folder of this machine that containers write to. It is made with the folders above it if it is not there; when the
 * stack is destroyed, what was made is removed again, as far as it is empty: what the lab has written is the user's.
 */
export const folderHandler: ResourceHandler<FolderInputs, FolderOutputs> = {
  check: (news) => checkInputs(inputs, news),
  diff: (olds, news) => ({
    changes: {
      ...(olds.inputs.path === news.path ? {} : { path: "replace" as const }),
      ...(olds.inputs.uid === news.uid && olds.inputs.gid === news.gid ? {} : { uid: "replace" as const }),
    },
  }),
  create: async (news) => {
    const { path, uid, gid } = news;
    const made = (await mkdir(path, { recursive: true })) ?? "";
    if (made !== "" && process.getuid?.() === 0) await chown(path, uid, gid);
    await checkWritable(news);
    return { id: path, outputs: { ...news, made } };
  },
  read: async (id, outputs, olds) => {
    const found = await stat(id).catch(ifMissing);
    return found === undefined || outputs === undefined ? undefined : { id, outputs, inputs: olds };
  },
  update: async (_id, olds) => olds.outputs,
  delete: async (id, { made }) => {
    if (made === "") return;
    for (let path = id; path.startsWith(made); path = dirname(path)) {
      if (!(await removeIfEmpty(path))) return;
    }
  },
};

/** @throws when the user cannot write to it, with the command that mends it */
async function checkWritable({ path, uid, gid }: FolderInputs): Promise<void> {
  const { mode, uid: owner, gid: group } = await stat(path);
  const may = uid === owner ? mode & 0o200 : gid === group ? mode & 0o020 : mode & 0o002;
  if (may !== 0) return;
  throw new Error(
    `${path} belongs to user ${owner} and cannot be written by user ${uid}, as which the lab's containers run; ` +
      `mend it: chown ${uid}:${gid} ${path}`,
  );
}

/** @returns false when something is in it, or it is gone */
function removeIfEmpty(path: string): Promise<boolean> {
  return rmdir(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOTEMPTY" || error.code === "ENOENT" || error.code === "EEXIST") return false;
      throw error;
    },
  );
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}
