import * as pulumi from "@pulumi/pulumi";
import type { ImageCopyInputs } from "../provider/image-copy.ts";

export type ImageCopyArgs = { [K in keyof ImageCopyInputs]: pulumi.Input<ImageCopyInputs[K]> };

/**
 * An image of this machine's Docker engine on that of another one, sent over SSH without the layers that are there
 * already. Served by the provider in `infra/provider`.
 */
export class ImageCopy extends pulumi.CustomResource {
  /** The image's id, the same on both. */
  declare readonly imageId: pulumi.Output<string>;

  constructor(name: string, args: ImageCopyArgs, opts?: pulumi.CustomResourceOptions) {
    super("lab:docker:ImageCopy", name, { ...args }, opts);
  }
}
