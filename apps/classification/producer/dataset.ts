import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { countRecords, getRecord, interleave, SIDE } from "../dataset/format.ts";
import { officialSha256, readArchive } from "./archive.ts";
import { encodePng } from "./png.ts";

/** An image as it is sent, and what it shows. */
export interface EncodedImage {
  readonly png: Buffer;
  /** Fine label name. */
  readonly label: string;
}

/** A data set in memory. */
export interface Dataset {
  readonly size: number;
  /** Image number `index`, PNG-encoded. @throws RangeError when there is no such image */
  image(index: number): Promise<EncodedImage>;
}

/** Encoded images kept; those of CIFAR-100's test set all fit, at about 2.5 KB each. */
const maxCached = 10_000;

const recordFiles = ["test.bin", "train.bin"] as const;
const labelFile = "fine_label_names.txt";
const archiveFile = "cifar-100-binary.tar.gz";

/**
 * Loads a data set: the images of `test.bin`, or of `train.bin` where there is none.
 *
 * @param path a folder with the files of CIFAR-100's binary version or with the official archive of them, or the path
 *   of that archive
 * @throws when a file is missing or damaged; the message names the file and what is wrong with it
 */
export async function loadDataset(path: string, sha256 = officialSha256): Promise<Dataset> {
  const read = await readerOf(path, sha256);
  const labels = (await read(labelFile))
    ?.toString("utf8")
    .split("\n")
    .map((line) => line.trim());
  if (labels === undefined) throw new Error(`${path} has no ${labelFile}`);
  for (const name of recordFiles) {
    const records = await read(name);
    if (records !== undefined)
      return datasetOf(
        records,
        labels.filter((label) => label !== ""),
        join(path, name),
      );
  }
  throw new Error(`${path} has neither ${[...recordFiles, archiveFile].join(" nor ")}`);
}

/** @param name of the file, for errors */
export function datasetOf(records: Uint8Array, labels: readonly string[], name: string): Dataset {
  const size = countRecords(records, name);
  const labelOf = (index: number): string => {
    const { fine } = getRecord(records, index);
    const label = labels[fine];
    if (label === undefined) {
      throw new Error(
        `${name} is damaged: image ${index} has label ${fine}, but there are ${labels.length} label names`,
      );
    }
    return label;
  };
  // All labels are looked at now, so that a damaged file fails at the start and not in the middle of a run.
  for (let index = 0; index < size; index += 1) labelOf(index);
  const cache = new Map<number, Buffer>();
  return {
    size,
    image: async (index) => {
      const label = labelOf(index);
      const png = cache.get(index) ?? encodePng(interleave(getRecord(records, index).planes), SIDE, SIDE);
      if (cache.size < maxCached) cache.set(index, png);
      return { png, label };
    },
  };
}

/** Files in the open count before an archive beside them. */
async function readerOf(path: string, sha256: string): Promise<Reader> {
  if (path.endsWith(".tar.gz")) return archiveReader(path, sha256);
  const present = await readdir(path);
  const open = recordFiles.some((name) => present.includes(name));
  if (open || !present.includes(archiveFile)) return folderReader(path);
  return archiveReader(join(path, archiveFile), sha256);
}

type Reader = (name: string) => Promise<Buffer | undefined>;

async function archiveReader(path: string, sha256: string): Promise<Reader> {
  // The training images are five times as many; they are read only where there are no others.
  const files = await readArchive(path, [recordFiles[0], labelFile], sha256);
  return async (name) => files.get(name);
}

function folderReader(path: string): Reader {
  return async (name) => {
    const file = join(path, name);
    const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
      throw error;
    });
    return found === undefined ? undefined : await readFile(file);
  };
}
