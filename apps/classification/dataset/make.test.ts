import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { classes, coarseNames } from "./classes.ts";
import { countRecords, getRecord, interleave, PIXELS, RECORD_BYTES } from "./format.ts";
import { makeDataset } from "./make.ts";

const small = { seed: 100, train: 3, test: 1 };
const files = makeDataset(small);
const file = (name: string): Uint8Array => files.get(name) ?? new Uint8Array();
const digest = (all: Map<string, Uint8Array>): string =>
  [...all]
    .reduce((hash, [name, bytes]) => hash.update(name).update(bytes), createHash("sha256"))
    .digest("hex");

describe("makeDataset", () => {
  it("gives these very bytes for this seed, on every machine", () => {
    expect(digest(files)).toBe("25298678e6640795d1372551cb8474917fbffe39b94840299666ead609c20a84");
  });

  it("gives other images for another seed", () => {
    expect(digest(makeDataset({ ...small, seed: 101 }))).not.toBe(digest(files));
  });

  it("writes records of CIFAR-100: every class as often as asked, coarse and fine labels in agreement", () => {
    expect(countRecords(file("train.bin"), "train.bin")).toBe(300);
    expect(file("test.bin")).toHaveLength(100 * RECORD_BYTES);
    const counts = new Map<number, number>();
    for (let i = 0; i < 300; i += 1) {
      const { coarse, fine, planes } = getRecord(file("train.bin"), i);
      expect(coarse).toBe(classes[fine]?.coarse);
      expect(planes).toHaveLength(3072);
      counts.set(fine, (counts.get(fine) ?? 0) + 1);
    }
    expect([...counts.values()]).toEqual(Array.from({ length: 100 }, () => 3));
  });

  it("mixes the classes", () => {
    const labels = Array.from({ length: 300 }, (_, i) => getRecord(file("train.bin"), i).fine);
    expect(labels).not.toEqual(labels.toSorted((a, b) => a - b));
  });

  it("names 100 fine and 20 coarse labels, each once", () => {
    const lines = (name: string) => Buffer.from(file(name)).toString().trimEnd().split("\n");
    expect(new Set(lines("fine_label_names.txt")).size).toBe(100);
    expect(new Set(lines("coarse_label_names.txt")).size).toBe(20);
    expect(lines("fine_label_names.txt")[0]).toBe("red_arrow");
    expect(coarseNames).toEqual(lines("coarse_label_names.txt"));
  });

  it("shows no image twice", () => {
    const seen = ["train.bin", "test.bin"].flatMap((name) =>
      Array.from({ length: file(name).length / RECORD_BYTES }, (_, i) =>
        Buffer.from(getRecord(file(name), i).planes).toString("base64"),
      ),
    );
    expect(new Set(seen).size).toBe(400);
  });
});

describe("the format", () => {
  it("turns planes into pixels", () => {
    const planes = new Uint8Array(3 * PIXELS);
    planes.set([1, 2], 0);
    planes.set([3, 4], PIXELS);
    planes.set([5, 6], 2 * PIXELS);
    expect([...interleave(planes).subarray(0, 6)]).toEqual([1, 3, 5, 2, 4, 6]);
  });

  it("refuses a file that is cut off, by name", () => {
    expect(() => countRecords(new Uint8Array(3073), "train.bin")).toThrow(/train\.bin.*3073 bytes/);
    expect(() => countRecords(new Uint8Array(0), "train.bin")).toThrow("train.bin");
    expect(() => getRecord(new Uint8Array(RECORD_BYTES), 1)).toThrow("record 1");
  });
});
