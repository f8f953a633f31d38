import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type PulledImage, pulledImages } from "../config/found.ts";

/** What set-up writes where it could not pull an image. */
const none = "none";

/** The tag under which this machine has an image that set-up has pulled; undefined where it could not. */
export function pulledTag(root: string, name: string): string | undefined {
  const file = join(root, ".edgelab", "pulled", name);
  const tag = existsSync(file) ? readFileSync(file, "utf8").trim() : none;
  return tag === none ? undefined : tag;
}

/** Of the images that can only be pulled those that set-up has got. */
export function pulledHere(root: string): ReadonlySet<PulledImage> {
  return new Set(pulledImages.filter((name) => pulledTag(root, name) !== undefined));
}
