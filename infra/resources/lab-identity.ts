import * as pulumi from "@pulumi/pulumi";
import type { LabIdentityInputs } from "../provider/lab-identity.ts";

/**
 * A lab's id, drawn once and kept in the state: {@link LabIdentity.id} is what all that belongs to the lab carries. A
 * preview refuses a lab whose names another one has on this machine. Served by the provider in `infra/provider`.
 */
export class LabIdentity extends pulumi.CustomResource {
  /** Where the lab was first brought up from: `user@machine:folder`. */
  declare readonly checkout: pulumi.Output<string>;

  constructor(name: string, args: LabIdentityInputs, opts?: pulumi.CustomResourceOptions) {
    super("lab:index:LabIdentity", name, { ...args, checkout: undefined }, opts);
  }
}
