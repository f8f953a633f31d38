import { createHash } from "node:crypto";
import { Readable, Writable } from "node:stream";
import { extract, pack } from "tar-stream";
import { describe, expect, it } from "vitest";
import { layersIn, withoutLayers } from "./image-layers.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const layers = ["the base", "node", "the app"];
const files = new Map([
  ...layers.map((text) => [`blobs/sha256/${sha256(text)}`, text] as const),
  ["manifest.json", "[]"],
  ["oci-layout", "{}"],
]);

/** An archive as `docker save` writes it. */
function archive(): Readable {
  const output = pack();
  output.entry({ name: "blobs/", type: "directory" });
  for (const [name, text] of files) output.entry({ name }, text);
  output.finalize();
  return Readable.from(output);
}

async function read(chunks: Buffer[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const input = extract();
  Readable.from(chunks).pipe(input);
  for await (const entry of input) {
    const parts: Buffer[] = [];
    for await (const part of entry) parts.push(part as Buffer);
    if (entry.header.type === "file") found.set(entry.header.name, Buffer.concat(parts).toString());
  }
  return found;
}

async function sendTo(known: readonly string[]) {
  const chunks: Buffer[] = [];
  const to = new Writable({
    write: (chunk, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
  const passed = await withoutLayers(archive(), to, new Set(known.map((text) => `sha256:${sha256(text)}`)));
  return { passed, found: await read(chunks) };
}

describe("withoutLayers", () => {
  it("passes everything on to a receiver that has nothing", async () => {
    const { found, passed } = await sendTo([]);
    expect(found).toEqual(files);
    expect(passed.spared).toBe(0);
  });

  it("leaves out what the receiver has, and nothing else", async () => {
    const { found, passed } = await sendTo(["the base", "node", "of another image"]);
    expect([...found.keys()].sort()).toEqual(
      ["manifest.json", "oci-layout", `blobs/sha256/${sha256("the app")}`].sort(),
    );
    expect(passed.spared).toBe("the base".length + "node".length);
  });

  it("fails when the archive is cut off", async () => {
    const cut = Readable.from([Buffer.alloc(700, 1)]);
    const to = new Writable({ write: (_chunk, _encoding, done) => done() });
    await expect(withoutLayers(cut, to, new Set())).rejects.toThrow();
  });
});

describe("layersIn", () => {
  it("gathers the layers of all images, each once", () => {
    expect(layersIn('["sha256:a","sha256:b"]\n["sha256:a","sha256:c"]\n')).toEqual(
      new Set(["sha256:a", "sha256:b", "sha256:c"]),
    );
    expect(layersIn("")).toEqual(new Set());
  });
});
