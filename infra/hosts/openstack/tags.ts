import type { Lab } from "../../lab.ts";

/** Metadata of VMs and volumes, which have no tags. */
export function metadataOf({ project, stack }: Lab, role: string): Record<string, string> {
  return { "edgelab.project": project, "edgelab.stack": stack, "edgelab.role": role };
}

/** Whether metadata are those of something of this lab. */
export function isOf({ project, stack }: Lab, metadata: Readonly<Record<string, string>>): boolean {
  return metadata["edgelab.project"] === project && metadata["edgelab.stack"] === stack;
}

/** Tags of everything that can have some. */
export function tagsOf({ project, stack }: Lab): string[] {
  return [`edgelab.project=${project}`, `edgelab.stack=${stack}`];
}
