import { resolve } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { Mount } from "../containers/service.ts";
import { dataVolume } from "../containers/volume.ts";
import type { Host } from "../hosts/host.ts";
import type { Lab } from "../lab.ts";
import type { FilePlan } from "../plan/parts.ts";

/** Files of a service as its container has them. */
export interface Mounted {
  readonly mount: Mount;
  /** `uid:gid` that the container must run as to write there; undefined for the image's own user. */
  readonly user?: string | undefined;
  readonly after?: pulumi.Resource;
  /** A folder of the host, by its resource's name and its absolute path there. */
  readonly folder?: { readonly name: string; readonly path: string };
}

export interface MountArgs {
  lab: Lab;
  host: Host;
  pipeline: string;
  /** Leave volumes when the lab is destroyed. */
  keepData: boolean;
  /** Root of the checkout, which files are relative to where the lab is on this machine. */
  root: string;
}

/** Makes what a service's files are on, and says how they are mounted. */
export function mountFile(file: FilePlan, args: MountArgs, parent: pulumi.Resource): Mounted {
  const { lab, host, pipeline, keepData, root } = args;
  const { path } = file;
  switch (file.kind) {
    case "volume": {
      const volume = dataVolume(file.name, { lab, host, pipeline, keepData }, parent);
      return { mount: { volume, path } };
    }
    case "folder": {
      const folder = host.folder(file.name, file.folder, parent);
      return {
        mount: { hostPath: folder.path, path },
        user: folder.user,
        after: folder.resource,
        folder: { name: file.name, path: folder.path },
      };
    }
    case "file":
      return { mount: { hostPath: resolve(root, file.file), path, readOnly: true } };
  }
}
