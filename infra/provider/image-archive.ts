import { posix } from "node:path";
import { Transform } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { extract, type Header, pack } from "tar-stream";
import { z } from "zod";

/** An image in an archive. */
export interface ArchivedImage {
  /** Diff ids, `sha256:…`, from the lowest layer up. */
  readonly diffIds: readonly string[];
  /** Where the archive has each of these layers. */
  readonly layers: readonly string[];
}

/** What an archive of `docker save` has. */
export interface ArchiveIndex {
  readonly images: readonly ArchivedImage[];
  /** Layers that are the same as another one in the archive: entry → the other's entry. */
  readonly links: ReadonlyMap<string, string>;
}

/** What of an archive was passed on, and what the receiver had already, bytes. */
export interface Passed {
  readonly sent: number;
  readonly spared: number;
}

/** Larger entries are layers: a manifest or the config of an image has some kilobytes. */
const smallBytes = 1024 * 1024;

const manifestSchema = z.array(z.object({ Config: z.string(), Layers: z.array(z.string()) }));
const configSchema = z.object({ rootfs: z.object({ diff_ids: z.array(z.string()) }) });

/**
 * Reads an archive of `docker save` through. Engines write layers as `<id>/layer.tar`, since version 25 as
 * `blobs/sha256/<digest>`; `manifest.json` says in both which image has which (Docker Image Specification 1.2,
 * "Combined Image JSON + Filesystem Changeset Format").
 *
 * @throws when it is no such archive, or cut off
 */
export async function indexArchive(archive: NodeJS.ReadableStream): Promise<ArchiveIndex> {
  const small = new Map<string, string>();
  const links = new Map<string, string>();
  const input = extract();
  const read = async () => {
    for await (const entry of input) {
      const { name, type, size = 0 } = entry.header;
      const link = linkTarget(entry.header);
      if (link !== undefined) links.set(name, link);
      if (type !== "file" || size > smallBytes) entry.resume();
      else small.set(name, await text(entry));
    }
  };
  await Promise.all([pipeline(archive, input), read()]);
  const json = (name: string): unknown => {
    const written = small.get(name);
    if (written === undefined) throw new Error(`the archive has no ${name}`);
    return JSON.parse(written);
  };
  const images = manifestSchema.parse(json("manifest.json")).map(({ Config, Layers }) => {
    const diffIds = configSchema.parse(json(Config)).rootfs.diff_ids;
    if (diffIds.length !== Layers.length) {
      throw new Error(`${Config} has ${diffIds.length} layers, and the archive ${Layers.length} of them`);
    }
    return { diffIds, layers: Layers };
  });
  return { images, links };
}

/**
 * Entries of an archive that a receiver need not be sent. An engine asks for a layer's content only where it has none on
 * the same layers below, so what it has are chains of layers and not layers.
 */
export function sparedEntries(
  { images, links }: ArchiveIndex,
  known: readonly (readonly string[])[],
): Set<string> {
  const chains = new Set(known.flatMap(prefixes));
  const needed = new Set<string>();
  for (const { diffIds, layers } of images) {
    for (const [index, chain] of prefixes(diffIds).entries()) {
      const layer = layers[index];
      if (layer === undefined || chains.has(chain)) continue;
      needed.add(layer);
      needed.add(links.get(layer) ?? layer);
    }
  }
  return new Set(images.flatMap(({ layers }) => layers).filter((layer) => !needed.has(layer)));
}

/**
 * Passes an archive on without some of its entries.
 *
 * @param to where the smaller archive goes; ended when all of it is there
 * @param onProgress called with the bytes passed on so far
 */
export async function withoutEntries(
  from: NodeJS.ReadableStream,
  to: NodeJS.WritableStream,
  spare: ReadonlySet<string>,
  onProgress: (sent: number) => void = () => {},
): Promise<Passed> {
  const [input, output] = [extract(), pack()];
  let [sent, spared] = [0, 0];
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sent += chunk.length;
      onProgress(sent);
      done(null, chunk);
    },
  });
  const filter = async () => {
    for await (const entry of input) {
      const { header } = entry;
      if (spare.has(header.name)) {
        spared += header.size ?? 0;
        entry.resume();
        continue;
      }
      // A link or folder has no content, and must not be waited for.
      if (header.type !== "file") {
        entry.resume();
        await new Promise<void>((resolve, reject) =>
          output.entry(header, (error) => (error ? reject(error) : resolve())),
        );
        continue;
      }
      await pipeline(entry, output.entry(header));
    }
    output.finalize();
  };
  await Promise.all([pipeline(from, input), filter(), pipeline(output, counter, to)]);
  return { sent, spared };
}

/** The layers of each image on a machine, by what `docker image inspect` prints: a JSON array of diff ids a line. */
export function chainsIn(lines: string): string[][] {
  return lines
    .split("\n")
    .filter((line) => line.startsWith("["))
    .map((line) => JSON.parse(line) as string[]);
}

/** Each chain of layers from the lowest one up, as one text. */
function prefixes(diffIds: readonly string[]): string[] {
  return diffIds.map((_, index) => diffIds.slice(0, index + 1).join());
}

function linkTarget({ name, type, linkname }: Header): string | undefined {
  return type === "symlink" && linkname != null ? posix.join(posix.dirname(name), linkname) : undefined;
}
