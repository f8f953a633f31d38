import * as pulumi from "@pulumi/pulumi";
import { LAB_LABEL } from "../../../lib/docker/holdings.ts";
import type { Lab } from "../../lab.ts";

/** Metadata of VMs and volumes, which have no tags. */
export function metadataOf({ project, stack, id }: Lab, role: string): Record<string, pulumi.Input<string>> {
  return { "edgelab.project": project, "edgelab.stack": stack, [LAB_LABEL]: id, "edgelab.role": role };
}

/** Tags of everything that can have some. */
export function tagsOf({ project, stack, id }: Lab): pulumi.Input<string>[] {
  return [`edgelab.project=${project}`, `edgelab.stack=${stack}`, pulumi.interpolate`${LAB_LABEL}=${id}`];
}
