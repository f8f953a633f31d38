import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { z } from "zod";
import { syncFolder } from "../../media/atomic.ts";

/**
 * A journal keeps frames as they came until they are video. It is what makes them durable: offsets are committed once
 * the journal is on the disk. A file of records, each [meta length u32][JPEG length u32][CRC-32 u32][meta, JSON][JPEG],
 * big-endian; the CRC is that of meta and JPEG. Reading stops at the first record that is not whole, so what a crash
 * left half-written at the end does no harm.
 */
const timeline = z.object({ originUs: z.number(), lastUs: z.number(), slots: z.number() });
const runs = z.array(z.tuple([z.string(), z.number()]));
const meta = z.discriminatedUnion("kind", [
  /** First record of every journal: where the recording stands, with the frame before. */
  z.object({ kind: z.literal("head"), timeline: timeline.optional(), runs }),
  z.object({ kind: z.literal("frame"), run: z.string(), seq: z.number(), capturedUs: z.number() }),
  /** Last record of a recording, which is to be filled up to `slots`. */
  z.object({ kind: z.literal("end"), slots: z.number() }),
]);

export type JournalMeta = z.infer<typeof meta>;
export type JournalHead = Extract<JournalMeta, { kind: "head" }>;

export interface JournalRecord {
  readonly meta: JournalMeta;
  readonly jpeg: Buffer;
  /** Where the record ends in the file. */
  readonly end: number;
}

const prefixBytes = 12;
const maxMetaBytes = 65_536;
const maxJpegBytes = 256 * 1024 * 1024;

/** Appends to a journal. */
export class JournalWriter {
  readonly #handle: FileHandle;
  #size: number;
  #dirty = true;

  private constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.#size = size;
  }

  /** Makes a journal that is on the disk with its head. @param before the frame before, empty for none */
  static async create(path: string, head: JournalHead, before: Buffer): Promise<JournalWriter> {
    const writer = new JournalWriter(await open(path, "w"), 0);
    try {
      await writer.append(head, before);
      await writer.sync();
      await syncFolder(dirname(path));
      return writer;
    } catch (error) {
      await writer.close();
      throw error;
    }
  }

  /** Goes on with a journal. @param size where its last whole record ends */
  static async resume(path: string, size: number): Promise<JournalWriter> {
    return new JournalWriter(await open(path, "r+"), size);
  }

  get bytes(): number {
    return this.#size;
  }

  /**
   * A record that could not be written is overwritten by the next one.
   *
   * @throws RangeError when the record is larger than what is read back; nothing is written then
   */
  async append(recordMeta: JournalMeta, jpeg: Buffer): Promise<void> {
    const text = Buffer.from(JSON.stringify(recordMeta));
    if (text.length > maxMetaBytes || jpeg.length > maxJpegBytes) {
      throw new RangeError(`a record of ${text.length} and ${jpeg.length} bytes is too large for a journal`);
    }
    const prefix = Buffer.alloc(prefixBytes);
    prefix.writeUInt32BE(text.length, 0);
    prefix.writeUInt32BE(jpeg.length, 4);
    prefix.writeUInt32BE(crc32(jpeg, crc32(text)), 8);
    const length = prefixBytes + text.length + jpeg.length;
    this.#dirty = true;
    const { bytesWritten } = await this.#handle.writev([prefix, text, jpeg], this.#size);
    // A full disk takes a part of it, and refuses only the next write.
    if (bytesWritten < length) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    this.#size += length;
  }

  /** Resolves when everything appended is on the disk. */
  async sync(): Promise<void> {
    if (!this.#dirty) return;
    await this.#handle.datasync();
    this.#dirty = false;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** The whole records of a journal, the head first; none when there is no whole head. */
export async function* readJournal(path: string): AsyncGenerator<JournalRecord, void, undefined> {
  const handle = await open(path, "r");
  try {
    for (let at = 0; ; ) {
      const prefix = await readExactly(handle, at, prefixBytes);
      if (prefix === undefined) return;
      const metaBytes = prefix.readUInt32BE(0);
      const jpegBytes = prefix.readUInt32BE(4);
      // Zeros, which a crash of the machine can leave, have the right CRC.
      if (metaBytes === 0 || metaBytes > maxMetaBytes || jpegBytes > maxJpegBytes) return;
      const body = await readExactly(handle, at + prefixBytes, metaBytes + jpegBytes);
      if (body === undefined || crc32(body) !== prefix.readUInt32BE(8)) return;
      const parsed = meta.parse(JSON.parse(body.toString("utf8", 0, metaBytes)));
      if ((parsed.kind === "head") !== (at === 0)) return;
      at += prefixBytes + body.length;
      yield { meta: parsed, jpeg: body.subarray(metaBytes), end: at };
    }
  } finally {
    await handle.close();
  }
}

/**
 * Whether a journal has something in it of which nothing can be read: it is damaged, and frames in it may be
 * acknowledged. One that a crash left empty, or full of zeros, has never had a frame.
 */
export async function isDamaged(path: string): Promise<boolean> {
  for await (const _head of readJournal(path)) return false;
  const handle = await open(path, "r");
  try {
    const start = Buffer.alloc(prefixBytes);
    const { bytesRead } = await handle.read(start, 0, prefixBytes, 0);
    return start.subarray(0, bytesRead).some((byte) => byte !== 0);
  } finally {
    await handle.close();
  }
}

async function readExactly(handle: FileHandle, at: number, length: number): Promise<Buffer | undefined> {
  const buffer = Buffer.alloc(length);
  for (let read = 0; read < length; ) {
    const { bytesRead } = await handle.read(buffer, read, length - read, at + read);
    if (bytesRead === 0) return undefined;
    read += bytesRead;
  }
  return buffer;
}
