import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { type Lab, labLabels } from "../lab.ts";
import { contentKey, copiedPaths } from "./content.ts";

export interface LabImageArgs {
  lab: Lab;
  /** The Docker engine that builds and keeps the image. */
  builder: docker.Provider;
  /** Root of the checkout; every other path is relative to it. */
  root: string;
  /** Build context, relative to root. */
  context: string;
  /** The Dockerfile, relative to root like the context: the provider looks for it from the working directory. */
  dockerfile: string;
  /** What `ARG BASE` is set to: another image of this lab, or the reference of one the toolchain made. */
  base: LabImage | string;
}

/**
 * An image built from `images/`, tagged by what goes into it: the Dockerfile, what that copies, and the image
 * below. It is rebuilt when one of these changes and at no other time.
 *
 * @throws when prepared content (`stage/`) is missing, naming the command that prepares it
 */
export class LabImage extends pulumi.ComponentResource {
  /** Name within the lab. */
  readonly name: string;
  readonly reference: string;
  /** Content-addressed id: what containers should refer to, so that they follow a rebuild. */
  readonly imageId: pulumi.Output<string>;

  constructor(name: string, args: LabImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("edgelab:index:Image", name, {}, opts);
    this.name = name;
    const { lab, builder, root, context, dockerfile, base } = args;
    const baseReference = typeof base === "string" ? base : base.reference;
    const key = imageKey(root, context, dockerfile, baseReference);
    this.reference = `${lab.project}-${lab.stack}/${name}:${key}`;
    const image = new docker.RemoteImage(
      `${name}-image`,
      {
        name: this.reference,
        build: {
          context,
          dockerfile,
          buildArgs: { BASE: baseReference },
          tags: [this.reference],
          labels: labLabels(lab),
          // The engine's own builder: the other way needs buildx and its plugin, and fails over SSH. Engines from 23.0
          // on build with BuildKit either way.
          useLegacyBuilder: true,
        },
        triggers: { key },
        keepLocally: false,
      },
      {
        parent: this,
        provider: builder,
        // One that is still in use cannot be removed: the new one comes first, and containers move to it.
        deleteBeforeReplace: false,
        ...(typeof base === "string" ? {} : { dependsOn: [base] }),
      },
    );
    this.imageId = image.imageId;
    this.registerOutputs({ reference: this.reference, imageId: this.imageId });
  }
}

function imageKey(root: string, context: string, dockerfile: string, base: string): string {
  const text = readFileSync(join(root, dockerfile), "utf8");
  const copied = copiedPaths(text).map((path) => join(context, keyFileOf(path)));
  const missing = copied.filter((path) => !existsSync(join(root, path)));
  if (missing.length > 0) {
    throw new pulumi.RunError(
      `${missing.join(", ")} missing: ./scripts/setup prepares the content of this image\n  fix: ./scripts/setup`,
    );
  }
  return contentKey(root, [dockerfile, ...copied], [base]);
}

/** Prepared content is large and made elsewhere; the file beside it that names its origin stands for it. */
function keyFileOf(path: string): string {
  return path === "stage" || path.startsWith("stage/") ? "stage/.key" : path;
}
