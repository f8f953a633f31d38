import * as pulumi from "@pulumi/pulumi";
import type { SecretInputs } from "../provider/secret.ts";

/**
 * A secret drawn once from the system's random source and kept, encrypted, in the state. Served by the provider in
 * `infra/provider`.
 */
export class GeneratedSecret extends pulumi.CustomResource {
  /** The bytes in URL-safe base64; a secret. */
  declare readonly result: pulumi.Output<string>;

  constructor(name: string, args: SecretInputs, opts?: pulumi.CustomResourceOptions) {
    super(
      "lab:index:GeneratedSecret",
      name,
      { ...args, result: undefined },
      { ...opts, additionalSecretOutputs: ["result"] },
    );
  }
}
