import * as pulumi from "@pulumi/pulumi";
import type { RandomInputs } from "./provider/random.ts";

/**
 * Bytes from the system's random source, drawn once and kept in the state. `result` is a secret unless
 * `public` is true. Served by the provider in `infra/provider`.
 */
export class RandomBytes extends pulumi.CustomResource {
  declare readonly result: pulumi.Output<string>;

  constructor(name: string, args: RandomInputs, opts?: pulumi.CustomResourceOptions) {
    super(
      "lab:index:RandomBytes",
      name,
      { ...args, result: undefined },
      {
        ...opts,
        ...(args.public ? {} : { additionalSecretOutputs: ["result"] }),
      },
    );
  }
}
