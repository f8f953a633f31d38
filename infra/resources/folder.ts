import * as pulumi from "@pulumi/pulumi";
import type { FolderInputs } from "../provider/folder.ts";

export type FolderArgs = { [K in keyof FolderInputs]: pulumi.Input<FolderInputs[K]> };

/** A folder of this machine or of a host that containers write to. Served by the provider in `infra/provider`. */
export class Folder extends pulumi.CustomResource {
  declare readonly path: pulumi.Output<string>;

  constructor(name: string, args: FolderArgs, opts?: pulumi.CustomResourceOptions) {
    super("lab:index:Folder", name, { ...args, made: undefined }, opts);
  }
}

/**
 * Who writes to folders of this machine from within containers. Files should belong to whoever runs the lab; only when
 * that is root, containers keep their own user, since nothing of the lab runs as root.
 */
export function folderUser(): { uid: number; gid: number; user: string | undefined } {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  return uid === 0 ? { uid: appUid, gid: appUid, user: undefined } : { uid, gid, user: `${uid}:${gid}` };
}

/** User and group of the app images. */
export const appUid = 10_001;
