import type { PulledImage } from "../config/found.ts";

/** An image of the lab, by its folder in `images/`. */
export interface ImagePlan {
  readonly name: string;
  /** The image that it is built on; the lab's Debian base, or what `pulled` says, when left out. */
  readonly on?: ImagePlan;
  /** Whether it is built on an image of somebody else's, which set-up has pulled. */
  readonly pulled?: boolean;
  readonly context: ImageContext;
}

/** What an image's Dockerfile copies from. */
export type ImageContext =
  /** Its own folder. */
  | { readonly kind: "own" }
  /** The checkout. */
  | { readonly kind: "checkout" }
  /** A folder that config names by `key`, or where `folder` is empty the one that the toolchain made. */
  | { readonly kind: "folder"; readonly folder: string; readonly key: string };

/** An image of the system below the apps. */
export function systemImage(name: string, on?: ImagePlan): ImagePlan {
  return { name, ...(on === undefined ? {} : { on }), context: { kind: "own" } };
}

/** A layer upon an image that set-up has pulled. */
export function pulledImage(name: PulledImage, context: ImageContext = { kind: "own" }): ImagePlan {
  return { name, pulled: true, context };
}

/** An image of an app of this checkout. */
export function appImage(name: string, on: ImagePlan = nodeImage): ImagePlan {
  return { name, on, context: { kind: "checkout" } };
}

/** A layer upon an app's image with a folder of the user's choice. */
export function folderImage(name: string, on: ImagePlan, folder: string, key: string): ImagePlan {
  return { name, on, context: { kind: "folder", folder, key } };
}

/** What every app runs on. */
export const nodeImage = systemImage("node");

/** These images and all that they are built on, each once, those below first. */
export function buildOrder(images: readonly ImagePlan[]): readonly ImagePlan[] {
  const below = (image: ImagePlan): ImagePlan[] => [
    ...(image.on === undefined ? [] : below(image.on)),
    image,
  ];
  return [...new Map(images.flatMap(below).map((image) => [image.name, image])).values()];
}
