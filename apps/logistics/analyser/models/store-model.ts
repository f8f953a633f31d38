import { dirname, join } from "node:path";
import { makeFolder, syncFolder, writeAtomic } from "../../../media/atomic.ts";
import { formatModel, type Model } from "../model/model.ts";
import { defaultFile, fileOf } from "./layout.ts";

/**
 * Writes a model's file, wholly or not at all, so that it survives a crash of the machine. @param folder the models'
 * @returns the path of the file
 */
export async function storeModel(folder: string, model: Model): Promise<string> {
  const { sensor } = model.card;
  const path = join(folder, sensor === undefined ? defaultFile : fileOf(sensor));
  await makeFolder(dirname(path));
  await writeAtomic(path, formatModel(model), true);
  await syncFolder(dirname(path));
  return path;
}
