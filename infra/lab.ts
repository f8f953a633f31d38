import type * as pulumi from "@pulumi/pulumi";
import { CHECKOUT_LABEL, LAB_LABEL } from "../lib/docker/holdings.ts";
import type { LabIdentity } from "./resources/lab-identity.ts";

/** The identity of one stood-up lab: what every name and label in it is derived from. */
export interface Lab {
  readonly project: string;
  readonly stack: string;
  /** What tells it from every other lab, also of the same name: `edgelab-<stack>-` and random digits. */
  readonly id: pulumi.Output<string>;
  /** Where it was first brought up from: `user@machine:folder`. */
  readonly checkout: pulumi.Output<string>;
  /** Without it nothing of the lab may be made: it looks whether another one has the names. */
  readonly identity: LabIdentity;
  /** `edgelab-<stack>-<name>`: the name under which Docker knows a part of this lab. */
  resourceName(name: string): string;
}

export function labOf(project: string, stack: string, identity: LabIdentity): Lab {
  const { id, checkout } = identity;
  return { project, stack, id, checkout, identity, resourceName: (name) => `${project}-${stack}-${name}` };
}

/** A lab's id; undefined where it is still to be drawn, as in the preview of a lab that was never up. */
export function knownId({ id, identity }: Lab): Promise<string | undefined> {
  return new Promise((resolve) => {
    id.apply(resolve);
    // Told together with the id, but always known.
    identity.urn.apply(() => setImmediate(resolve, undefined));
  });
}

/** What a container, network, volume or image belongs to, below the stack. */
export interface Part {
  /** Pipeline or system the part serves, such as `classification` or `kafka`. */
  readonly pipeline: string;
  /** What it does there, such as `producer` or `broker`. */
  readonly role: string;
}

export interface Label {
  readonly label: string;
  readonly value: pulumi.Input<string>;
}

/** Labels of whatever a Docker engine has of a lab, by name. */
export function labLabels({ project, stack, id, checkout }: Lab): Record<string, pulumi.Input<string>> {
  return {
    [CHECKOUT_LABEL]: checkout,
    [LAB_LABEL]: id,
    "edgelab.project": project,
    "edgelab.stack": stack,
  };
}

/** Labels carried by every container, network and volume of a lab, in the order in which Docker's API returns them. */
export function labels(lab: Lab, { pipeline, role }: Part): Label[] {
  const all = { ...labLabels(lab), "edgelab.pipeline": pipeline, "edgelab.role": role };
  return Object.entries(all)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => ({ label, value }));
}
