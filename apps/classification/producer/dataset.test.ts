import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { PIXELS, putRecord, RECORD_BYTES } from "../dataset/format.ts";
import { readArchive, TarReader } from "./archive.ts";
import { datasetOf, loadDataset } from "./dataset.ts";

const labels = ["apple", "bear", "cat"];

/** A file of records with these fine labels; every byte of the planes is `seed` plus its place. */
function recordsOf(fines: readonly number[], seed = 0): Buffer {
  const file = Buffer.alloc(fines.length * RECORD_BYTES);
  for (const [index, fine] of fines.entries()) {
    const planes = Uint8Array.from({ length: 3 * PIXELS }, (_, at) => (at * 7 + seed + index) % 256);
    putRecord(file, index, { coarse: 0, fine, planes });
  }
  return file;
}

function folderWith(files: Record<string, string | Buffer>): string {
  const folder = mkdtempSync(join(tmpdir(), "dataset-"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** A tar archive as `tar --format=ustar` writes it, as far as it is read here. */
function tarOf(files: readonly (readonly [string, Buffer])[]): Buffer {
  const blocks = files.flatMap(([name, content]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write(name.endsWith("/") ? "5" : "0", 156);
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

describe("loadDataset", () => {
  it("gives each image as a PNG of the very pixels in the file, and its label", async () => {
    const records = recordsOf([2, 0]);
    const dataset = await loadDataset(
      folderWith({ "test.bin": records, "fine_label_names.txt": "apple\nbear\ncat\n" }),
    );
    expect(dataset.size).toBe(2);
    const { png, label } = await dataset.image(0);
    expect(label).toBe("cat");
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([32, 32, 3]);
    // Pixel 33 is the second of the second row: byte 33 of each plane.
    const plane = (channel: number) => records[2 + channel * PIXELS + 33];
    expect([...data.subarray(33 * 3, 33 * 3 + 3)]).toEqual([plane(0), plane(1), plane(2)]);
  });

  it("takes the training images where there are no test images", async () => {
    const folder = folderWith({ "train.bin": recordsOf([1]), "fine_label_names.txt": "apple\nbear\n" });
    expect((await (await loadDataset(folder)).image(0)).label).toBe("bear");
  });

  it("names the file that is missing", async () => {
    await expect(loadDataset(folderWith({ "test.bin": recordsOf([0]) }))).rejects.toThrow(
      "has no fine_label_names.txt",
    );
    await expect(loadDataset(folderWith({ "fine_label_names.txt": "a\n" }))).rejects.toThrow(
      "has neither test.bin nor train.bin",
    );
  });

  it("names a file that is cut off, its size and the size of a record", async () => {
    const cut = recordsOf([0, 1]).subarray(0, 5000);
    const folder = folderWith({ "test.bin": cut, "fine_label_names.txt": "apple\nbear\n" });
    await expect(loadDataset(folder)).rejects.toThrow(/test\.bin .*5000 bytes.*3074/);
  });

  it("names an image whose label there is no name for, before the first image is sent", () => {
    expect(() => datasetOf(recordsOf([0, 3]), labels, "test.bin")).toThrow(
      "test.bin is damaged: image 1 has label 3, but there are 3 label names",
    );
  });

  it("reads the official archive's layout, once its checksum is right", async () => {
    const tar = tarOf([
      ["cifar-100-binary/", Buffer.alloc(0)],
      ["cifar-100-binary/train.bin", recordsOf([0, 0, 0])],
      ["cifar-100-binary/fine_label_names.txt", Buffer.from(labels.join("\n"))],
      ["cifar-100-binary/test.bin", recordsOf([1])],
    ]);
    const path = join(folderWith({ "cifar.tar.gz": gzipSync(tar) }), "cifar.tar.gz");
    const sum = createHash("sha256").update(readFileSync(path)).digest("hex");
    const dataset = await loadDataset(path, sum);
    expect([dataset.size, (await dataset.image(0)).label]).toEqual([1, "bear"]);
    await expect(loadDataset(path)).rejects.toThrow(/is damaged or not the official archive: its SHA-256 is/);
  });

  it("reads the archive out of the folder that it lies in, unless its files lie there in the open", async () => {
    const tar = tarOf([
      ["cifar-100-binary/fine_label_names.txt", Buffer.from(labels.join("\n"))],
      ["cifar-100-binary/test.bin", recordsOf([1])],
    ]);
    const archive = { "cifar-100-binary.tar.gz": gzipSync(tar) };
    const packed = folderWith(archive);
    const sum = createHash("sha256")
      .update(readFileSync(join(packed, "cifar-100-binary.tar.gz")))
      .digest("hex");
    expect((await loadDataset(packed, sum)).size).toBe(1);
    const open = { "fine_label_names.txt": labels.join("\n"), "test.bin": recordsOf([0, 1]) };
    expect((await loadDataset(folderWith({ ...archive, ...open }), sum)).size).toBe(2);
    await expect(loadDataset(folderWith({}))).rejects.toThrow(/cifar-100-binary\.tar\.gz|fine_label_names/);
  });

  it("says of a file that is no archive that it cannot be read", async () => {
    const path = join(folderWith({ "cifar.tar.gz": "not gzip" }), "cifar.tar.gz");
    await expect(readArchive(path, [], "")).rejects.toThrow(
      /cifar\.tar\.gz cannot be read: incorrect header check/,
    );
  });
});

describe("TarReader", () => {
  it("reads the same files however the archive is cut into pieces", () => {
    const files = fc.array(fc.uint8Array({ maxLength: 1500 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(files, fc.integer({ min: 1, max: 2000 }), (contents, piece) => {
        const named = contents.map((content, index) => [`d/f${index}`, Buffer.from(content)] as const);
        const tar = tarOf(named);
        const reader = new TarReader(new Set(named.map((_, index) => `f${index}`)));
        for (let at = 0; at < tar.length; at += piece) reader.write(tar.subarray(at, at + piece));
        expect([...reader.files.values()]).toEqual(named.map(([, content]) => content));
      }),
    );
  });
});
