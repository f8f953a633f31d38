import { existsSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Lab } from "../lab.ts";
import type { ImageContext, ImagePlan } from "../plan/images.ts";
import { LabImage } from "./image.ts";
import { pulledTag } from "./pulled.ts";

export interface LabImagesArgs {
  lab: Lab;
  /** The Docker engine that builds them. */
  builder: docker.Provider;
  /** The images to build, those below first. */
  plan: readonly ImagePlan[];
  /** Root of the checkout. */
  root: string;
}

/**
 * The images of the lab, all on one Debian base. Data set and model are layers of their own, so that another one is a
 * path in config.
 */
export class LabImages extends pulumi.ComponentResource {
  readonly #images = new Map<string, LabImage>();

  constructor(
    name: string,
    { lab, builder, plan, root }: LabImagesArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("edgelab:index:Images", name, {}, opts);
    const debian = baseImage(root);
    for (const image of plan) {
      const base =
        image.on === undefined ? (image.pulled ? pulledBase(root, image.name) : debian) : this.of(image.on);
      const context = contextOf(root, image.name, image.context);
      const dockerfile = `images/${image.name}/Dockerfile`;
      this.#images.set(
        image.name,
        new LabImage(image.name, { lab, builder, root, base, context, dockerfile }, { parent: this }),
      );
    }
    this.registerOutputs({});
  }

  /** @throws when it was not planned */
  of({ name }: Pick<ImagePlan, "name">): LabImage {
    const image = this.#images.get(name);
    if (image === undefined) throw new Error(`${name} is not among the planned images`);
    return image;
  }
}

/** What an image's Dockerfile copies from, relative to the checkout. */
function contextOf(root: string, name: string, context: ImageContext): string {
  switch (context.kind) {
    case "own":
      return `images/${name}`;
    case "checkout":
      return ".";
    case "folder":
      return folderOf(root, name, context);
  }
}

/** The Debian base is made before Pulumi runs, because on a closed network it cannot be pulled. */
function baseImage(root: string): string {
  const file = join(root, ".edgelab", "base-image");
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  throw new pulumi.RunError("the base image is not made yet\n  fix: ./scripts/setup");
}

function pulledBase(root: string, name: string): string {
  const tag = pulledTag(root, name);
  if (tag !== undefined) return tag;
  throw new pulumi.RunError(`the image of ${name} was not pulled\n  fix: ./scripts/setup`);
}

/** A folder given in config, or the lab's own, relative to the checkout. */
function folderOf(root: string, name: string, { folder, key }: { folder: string; key: string }): string {
  const path = folder === "" ? join(".edgelab", "images", name) : relative(root, resolve(root, folder));
  if (statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory()) return path;
  throw new pulumi.RunError(
    folder === ""
      ? `${path} is not made yet\n  fix: ./scripts/setup`
      : `${key}: there is no folder ${resolve(root, folder)}\n  fix: ./scripts/pulumi config set ${key} <folder>`,
  );
}
