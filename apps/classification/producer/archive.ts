import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

/** SHA-256 of the official `cifar-100-binary.tar.gz`; its page has an MD5 alone, which can be forged. */
export const officialSha256 = "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec";

const blockBytes = 512;

/**
 * Reads some files out of a gzipped tar archive, without holding the others in memory.
 *
 * @param path of the archive
 * @param wanted names of files without their folders
 * @param sha256 of the archive, in hexadecimal
 * @returns content by name, of those that are there
 * @throws when the archive is damaged or is another one; the message names it and says what is wrong
 */
export async function readArchive(
  path: string,
  wanted: readonly string[],
  sha256: string,
): Promise<Map<string, Buffer>> {
  const hash = createHash("sha256");
  const tar = new TarReader(new Set(wanted));
  try {
    await pipeline(
      createReadStream(path),
      async function* hashed(chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createGunzip(),
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) tar.write(chunk);
      },
    );
  } catch (error) {
    throw new Error(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const found = hash.digest("hex");
  if (found !== sha256) {
    throw new Error(
      `${path} is damaged or not the official archive: its SHA-256 is ${found}, not ${sha256}; download it again`,
    );
  }
  return tar.files;
}

/** A file of an archive as far as it has been read. */
interface Entry {
  /** Undefined when the file is not wanted, so that its content is passed over. */
  readonly name: string | undefined;
  readonly parts: Buffer[];
  /** Bytes still to come. */
  left: number;
  /** Bytes of padding after them. */
  readonly padding: number;
}

/** Takes a tar archive (POSIX.1-1988 ustar) piece by piece and keeps the files that are wanted. */
export class TarReader {
  readonly files = new Map<string, Buffer>();
  readonly #wanted: ReadonlySet<string>;
  #pending: Buffer = Buffer.alloc(0);
  /** The file whose content comes next; undefined when a header does. */
  #current: Entry | undefined;

  constructor(wanted: ReadonlySet<string>) {
    this.#wanted = wanted;
  }

  write(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.#current === undefined ? this.#readHeader() : this.#readContent(this.#current)) {
      // Each step consumes what it can; the loop ends when the next step needs more than there is.
    }
  }

  #readHeader(): boolean {
    if (this.#pending.length < blockBytes) return false;
    const header = this.#take(blockBytes);
    // The end of an archive is marked by blocks of zeros.
    if (header.every((byte) => byte === 0)) return true;
    const left = Number.parseInt(textOf(header, 124, 12).trim(), 8);
    if (!Number.isInteger(left)) throw new Error("it is no tar archive");
    const type = String.fromCharCode(header[156] ?? 0);
    const name = textOf(header, 0, 100).split("/").at(-1) ?? "";
    const keep = (type === "0" || type === "\0") && this.#wanted.has(name);
    const padding = (blockBytes - (left % blockBytes)) % blockBytes;
    this.#current = { name: keep ? name : undefined, parts: [], left, padding };
    return true;
  }

  #readContent(file: Entry): boolean {
    if (file.left > 0) {
      const part = this.#take(Math.min(file.left, this.#pending.length));
      file.left -= part.length;
      if (file.name !== undefined) file.parts.push(part);
      if (file.left > 0) return false;
    }
    if (this.#pending.length < file.padding) return false;
    this.#take(file.padding);
    if (file.name !== undefined) this.files.set(file.name, Buffer.concat(file.parts));
    this.#current = undefined;
    return true;
  }

  #take(bytes: number): Buffer {
    const taken = this.#pending.subarray(0, bytes);
    this.#pending = this.#pending.subarray(bytes);
    return taken;
  }
}

function textOf(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.subarray(0, end === -1 ? length : end).toString("utf8");
}
