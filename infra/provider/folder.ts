import { chown, mkdir, rmdir, stat } from "node:fs/promises";
import { dirname, isAbsolute } from "node:path";
import { z } from "zod";
import { checkInputs } from "../../lib/provider/check.ts";
import { changedPaths, type Diff } from "../../lib/provider/diff.ts";
import type { ResourceHandler } from "../../lib/provider/server.ts";
import { type Connection, connectionSchema } from "../../lib/ssh/connection.ts";
import { makeRemoteFolder, remoteFolderIsThere, removeRemoteFolder } from "./folder-remote.ts";

const inputs = z.strictObject({
  path: z.string().refine(isAbsolute, "must be an absolute path"),
  /** User and group that must be able to write to it. */
  uid: z.int().min(0),
  gid: z.int().min(0),
  /** The machine that it is on; this one when left out. */
  connection: connectionSchema.optional(),
  /** Another value means another machine, which does not have it yet. */
  machineId: z.string().optional(),
});

export type FolderInputs = z.infer<typeof inputs>;

export interface FolderOutputs extends FolderInputs {
  /** The topmost folder that had to be made; empty when it was there already. */
  readonly made: string;
}

/**
 * A folder of this machine, or of one reached over SSH, that containers write to. It is made with the folders above it if it is not there; when the
 * stack is destroyed, what was made is removed again, as far as it is empty: what the lab has written is the user's.
 */
export const folderHandler: ResourceHandler<FolderInputs, FolderOutputs> = {
  check: (news) => checkInputs(inputs, news),
  diff: (olds, news) => ({
    changes: {
      ...(olds.inputs.path === news.path ? {} : { path: "replace" as const }),
      ...(olds.inputs.uid === news.uid && olds.inputs.gid === news.gid ? {} : { uid: "replace" as const }),
      ...connectionChange(olds.inputs.connection, news.connection),
      ...(olds.inputs.machineId === news.machineId ? {} : { machineId: "update" as const }),
    },
  }),
  create: async (news) => {
    const { path, uid, gid } = news;
    if (news.connection !== undefined) {
      return { id: path, outputs: { ...news, made: await makeRemoteFolder(news.connection, news) } };
    }
    const made = (await mkdir(path, { recursive: true })) ?? "";
    if (made !== "" && process.getuid?.() === 0) await chown(path, uid, gid);
    await checkWritable(news);
    return { id: path, outputs: { ...news, made } };
  },
  read: async (id, outputs, olds, context) => {
    if (outputs?.connection !== undefined) {
      const there = await remoteFolderIsThere(outputs.connection, id, context);
      return there ? { id, outputs, inputs: olds } : undefined;
    }
    const found = await stat(id).catch(ifMissing);
    return found === undefined || outputs === undefined ? undefined : { id, outputs, inputs: olds };
  },
  // Another way to the same machine, or another machine in its place.
  update: async (_id, olds, news) => {
    const { connection, machineId } = news;
    if (connection === undefined || olds.inputs.machineId === machineId) return { ...olds.outputs, ...news };
    return { ...news, made: await makeRemoteFolder(connection, news) };
  },
  delete: async (id, { made, connection }, context) => {
    if (made === "") return;
    if (connection !== undefined) return removeRemoteFolder(connection, id, made, context);
    for (let path = id; path.startsWith(made); path = dirname(path)) {
      if (!(await removeIfEmpty(path))) return;
    }
  },
};

/** Another machine has another folder of the same path; another way to log in to it has not. */
function connectionChange(olds: Connection | undefined, news: Connection | undefined): Diff["changes"] {
  if (olds?.address !== news?.address) return { connection: "replace" };
  return changedPaths(olds, news).length === 0 ? {} : { connection: "update" };
}

/** @throws when the user cannot write to it, with the command that mends it */
async function checkWritable({ path, uid, gid }: FolderInputs): Promise<void> {
  const { mode, uid: owner, gid: group } = await stat(path);
  const may = uid === owner ? mode & 0o200 : gid === group ? mode & 0o020 : mode & 0o002;
  if (may !== 0) return;
  throw new Error(
    `${path} belongs to user ${owner} and cannot be written by user ${uid}, as which the lab's containers run\n` +
      `  fix: chown ${uid}:${gid} ${path}`,
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
