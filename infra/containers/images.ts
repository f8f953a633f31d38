import { existsSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { LabConfig } from "../config/schema.ts";
import type { Lab } from "../lab.ts";
import type { VideoImages } from "../pipelines/video/video.ts";
import { LabImage } from "./image.ts";

export interface LabImagesArgs {
  lab: Lab;
  /** The Docker engine that builds them. */
  builder: docker.Provider;
  config: LabConfig;
  /** Root of the checkout. */
  root: string;
}

/**
 * The images of the lab, all on one Debian base:
 *
 *     base ─┬─ kafka
 *           ├─ postgres
 *           └─ node ─┬─ classification-producer ─── dataset
 *                    ├─ classification-classifier ─ model
 *                    ├─ classification-recorder
 *                    ├─ video-camera
 *                    └─ media ─┬─ video-producer
 *                              ├─ video-frame-saver, video-recorder
 *                              └─ grayscale-processor, grayscale-writer
 *
 * Those of a pipeline that is off are not built. Data set and model are layers of their own, so that another one is a path in config.
 */
export class LabImages extends pulumi.ComponentResource {
  readonly kafka: LabImage;
  readonly postgres: LabImage;
  readonly producer: LabImage;
  readonly classifier: LabImage;
  readonly recorder: LabImage;
  /** Undefined while the pipeline is off. */
  readonly video: VideoImages | undefined;
  readonly grayscale: { producer: LabImage; processor: LabImage; writer: LabImage } | undefined;

  constructor(name: string, args: LabImagesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("edgelab:index:Images", name, {}, opts);
    const { lab, builder, config, root } = args;
    const build = (image: string, context: string, base: LabImage | string) => {
      const dockerfile = `images/${image}/Dockerfile`;
      return new LabImage(image, { lab, builder, root, context, dockerfile, base }, { parent: this });
    };
    const system = (image: string, base: LabImage | string) => build(image, `images/${image}`, base);
    const app = (image: string, below = node) => build(image, ".", below);

    const base = baseImage(root);
    this.kafka = system("kafka", base);
    this.postgres = system("postgres", base);
    const node = system("node", base);
    this.recorder = app("classification-recorder");
    this.producer = build(
      "dataset",
      folderOf(root, config.classification.dataset, "dataset"),
      app("classification-producer"),
    );
    this.classifier = build(
      "model",
      folderOf(root, config.classification.model, "model"),
      app("classification-classifier"),
    );
    const { video, grayscale } = config;
    if (video.enabled || grayscale.enabled) {
      const media = system("media", node);
      const producer = app("video-producer", media);
      this.video = video.enabled
        ? {
            producer,
            camera: app("video-camera"),
            frameSaver: app("video-frame-saver", media),
            recorder: app("video-recorder", media),
          }
        : undefined;
      this.grayscale = grayscale.enabled
        ? { producer, processor: app("grayscale-processor", media), writer: app("grayscale-writer", media) }
        : undefined;
    }
    this.registerOutputs({});
  }
}

/** The Debian base is made before Pulumi runs, because on a closed network it cannot be pulled. */
function baseImage(root: string): string {
  const file = join(root, ".edgelab", "base-image");
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  throw new pulumi.RunError("the base image is not made yet\n  fix: ./scripts/setup");
}

/** A folder given in config, or the lab's own, relative to the checkout. */
function folderOf(root: string, given: string, own: "dataset" | "model"): string {
  const path = given === "" ? join(".edgelab", "images", own) : relative(root, resolve(root, given));
  if (statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory()) return path;
  throw new pulumi.RunError(
    given === ""
      ? `${path} is not made yet\n  fix: ./scripts/setup`
      : `classification.${own}: there is no folder ${resolve(root, given)}\n  fix: ./scripts/pulumi config set classification.${own} <folder>`,
  );
}
