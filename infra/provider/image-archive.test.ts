import { createHash } from "node:crypto";
import { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { extract, pack } from "tar-stream";
import { describe, expect, it } from "vitest";
import { chainsIn, indexArchive, sparedEntries, withoutEntries } from "./image-archive.ts";

const digest = (text: string) => createHash("sha256").update(text).digest("hex");
const diffId = (text: string) => `sha256:${digest(text)}`;

interface Entry {
  readonly name: string;
  readonly text?: string;
  /** Where it leads to, for a symbolic link. */
  readonly linkname?: string;
}

/** Two images on the same layers, as an engine writes them, from the lowest layer up. */
const images = {
  one: ["the base", "node", "an app"],
  other: ["the base", "node", "another app"],
};
const config = (layers: readonly string[]) =>
  JSON.stringify({ rootfs: { type: "layers", diff_ids: layers.map(diffId) } });
const manifest = (files: (layers: readonly string[]) => { Config: string; Layers: string[] }): Entry => ({
  name: "manifest.json",
  text: JSON.stringify(
    Object.entries(images).map(([name, layers]) => ({ RepoTags: [`${name}:1`], ...files(layers) })),
  ),
});

/** Docker 25 and later: everything by its digest, each once. */
const blob = (text: string) => `blobs/sha256/${digest(text)}`;
const withBlobs: Entry[] = [
  { name: "blobs/" },
  ...[...new Set(Object.values(images).flatMap((layers) => [...layers, config(layers)]))].map((text) => ({
    name: blob(text),
    text,
  })),
  { name: "oci-layout", text: "{}" },
  manifest((layers) => ({ Config: blob(config(layers)), Layers: layers.map(blob) })),
];

/** Docker before 25: a folder for each layer of each image, which may lead to another's. */
const folder = (layers: readonly string[], index: number) =>
  `${digest(layers.slice(0, index + 1).join())}${index === 2 ? layers[2]?.length : ""}`;
const withFolders: Entry[] = [
  ...Object.values(images).flatMap((layers, image) =>
    layers.flatMap((text, index): Entry[] => {
      const name = `${image}${folder(layers, index)}`;
      const same = `0${folder(images.one, index)}`;
      const link = image === 1 && index < 2;
      return [
        { name: `${name}/` },
        { name: `${name}/json`, text: "{}" },
        link
          ? { name: `${name}/layer.tar`, linkname: `../${same}/layer.tar` }
          : { name: `${name}/layer.tar`, text },
      ];
    }),
  ),
  ...Object.values(images).map((layers) => ({
    name: `${digest(config(layers))}.json`,
    text: config(layers),
  })),
  manifest((layers) => ({
    Config: `${digest(config(layers))}.json`,
    Layers: layers.map((_, index) => `${layers === images.one ? 0 : 1}${folder(layers, index)}/layer.tar`),
  })),
];

function archive(entries: readonly Entry[]): Readable {
  const output = pack();
  for (const { name, text, linkname } of entries) {
    if (linkname !== undefined) output.entry({ name, type: "symlink", linkname });
    else if (text === undefined) output.entry({ name, type: "directory" });
    else output.entry({ name }, text);
  }
  output.finalize();
  return Readable.from(output);
}

/** Contents that arrive, and bytes that were spared. */
async function sent(entries: readonly Entry[], known: readonly (readonly string[])[]) {
  const index = await indexArchive(archive(entries));
  const spare = sparedEntries(
    index,
    known.map((chain) => chain.map(diffId)),
  );
  const chunks: Buffer[] = [];
  const to = new Writable({
    write: (chunk, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
  const { spared } = await withoutEntries(archive(entries), to, spare);
  const found: string[] = [];
  const input = extract();
  Readable.from(chunks).pipe(input);
  for await (const entry of input) {
    const content = await text(entry);
    if (entry.header.type === "file") found.push(content);
  }
  const layers = ["the base", "node", "an app", "another app", "other"];
  return { layers: found.filter((text) => layers.includes(text)).sort(), rest: found.length, spared };
}

describe.each([
  ["by digest", withBlobs],
  ["in folders", withFolders],
])("an archive with layers %s", (_, entries) => {
  it("says which image has which layers, and where", async () => {
    const { images: found } = await indexArchive(archive(entries));
    expect(found.map(({ diffIds }) => diffIds)).toEqual([images.one.map(diffId), images.other.map(diffId)]);
    const names = entries.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(found.flatMap(({ layers }) => [...layers])));
  });

  it("is passed on whole to a receiver that has nothing", async () => {
    const { layers, spared } = await sent(entries, []);
    expect(layers).toEqual(["an app", "another app", "node", "the base"]);
    expect(spared).toBe(0);
  });

  it("goes without the chains of layers that the receiver has", async () => {
    const { layers, spared } = await sent(entries, [
      ["the base", "node", "a third app"],
      ["the base", "node", "an app"],
    ]);
    expect(layers).toEqual(["another app"]);
    expect(spared).toBe("the base".length + "node".length + "an app".length);
  });

  it("has a layer with it that the receiver has on other layers only", async () => {
    const { layers } = await sent(entries, [["the base", "another base", "node"]]);
    expect(layers).toEqual(["an app", "another app", "node"]);
  });

  it("is refused when it is cut off or lacks its manifest", async () => {
    const cut = Readable.from([Buffer.alloc(700, 1)]);
    await expect(indexArchive(cut)).rejects.toThrow();
    const without = entries.filter(({ name }) => name !== "manifest.json");
    await expect(indexArchive(archive(without))).rejects.toThrow("has no manifest.json");
  });
});

describe("a layer that is there for another image", () => {
  it("is sent where its link is needed", async () => {
    // Of the first image all is known, by the second's chains nothing is.
    const chains = [images.one.map(diffId)];
    const index = await indexArchive(
      archive([
        { name: "a/layer.tar", text: "node" },
        { name: "b/layer.tar", linkname: "../a/layer.tar" },
        { name: "c.json", text: config(["node"]) },
        { name: "d.json", text: config(["other", "node"]) },
        { name: "e/layer.tar", text: "other" },
        {
          name: "manifest.json",
          text: JSON.stringify([
            { Config: "c.json", Layers: ["a/layer.tar"] },
            { Config: "d.json", Layers: ["e/layer.tar", "b/layer.tar"] },
          ]),
        },
      ]),
    );
    expect([...sparedEntries(index, [...chains, [diffId("node")]])]).toEqual([]);
    expect([...sparedEntries(index, [[diffId("other"), diffId("node")]])]).toEqual([
      "e/layer.tar",
      "b/layer.tar",
    ]);
  });
});

describe("chainsIn", () => {
  it("reads the layers of each image", () => {
    expect(chainsIn('["sha256:a","sha256:b"]\n["sha256:a","sha256:c"]\n')).toEqual([
      ["sha256:a", "sha256:b"],
      ["sha256:a", "sha256:c"],
    ]);
    expect(chainsIn("")).toEqual([]);
  });
});
