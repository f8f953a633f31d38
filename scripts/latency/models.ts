import { access } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { ToolchainError } from "../toolchain/errors.ts";

/** Where `./scripts/resnet50` puts its model, from the root of the checkout. */
export const RESNET50_FOLDER = ".edgelab/models/resnet50";

/** What a ResNet50 needs besides its folder. */
const resnet50Sizes = { "classification.classifierMemoryMB": "2048", "classification.maxBatch": "8" };

/**
 * The config keys that put a model in place.
 * @param model `default` for the lab's own, `resnet50` for what `./scripts/resnet50` has prepared, or a folder
 * @throws ToolchainError when there is no such model
 */
export async function modelConfig(root: string, model: string | undefined): Promise<Record<string, string>> {
  if (model === undefined) return {};
  if (model === "default") return { "classification.model": "" };
  const folder = model === "resnet50" ? RESNET50_FOLDER : relative(root, resolve(model));
  const there = await access(join(root, folder, "card.json")).then(
    () => true,
    () => false,
  );
  if (!there && model === "resnet50") {
    throw new ToolchainError(
      "there is no ResNet50 yet",
      "./scripts/resnet50 FILE.onnx   # your own\n./scripts/resnet50 --random-weights   # same cost, no knowledge",
    );
  }
  if (!there) {
    throw new ToolchainError(
      `${model} has no card.json`,
      "name a folder with an ONNX model and its card (see docs/measuring.md), or default, or resnet50",
    );
  }
  return { "classification.model": folder, ...(model === "resnet50" ? resnet50Sizes : {}) };
}
