import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { Host } from "../hosts/host.ts";
import { type Lab, labels } from "../lab.ts";

export interface DataVolumeArgs {
  lab: Lab;
  host: Host;
  /** Pipeline or system whose data it holds. */
  pipeline: string;
  /** Leave it when the lab is destroyed. */
  keepData: boolean;
}

/** A volume for data, `edgelab-<stack>-<name>` on its host's engine. */
export function dataVolume(
  name: string,
  { lab, host, pipeline, keepData }: DataVolumeArgs,
  parent: pulumi.Resource,
): docker.Volume {
  return new docker.Volume(
    host.stateName(name),
    { name: lab.resourceName(name), labels: labels(lab, { pipeline, role: "data" }) },
    {
      parent,
      ...host.options,
      retainOnDelete: keepData,
      // To the provider other labels are another volume: the data would go with the old ones.
      ignoreChanges: ["labels"],
    },
  );
}
