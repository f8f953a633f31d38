import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isDamaged, type JournalRecord, JournalWriter, readJournal } from "./journal.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "journal-"));
});
afterEach(() => rm(folder, { recursive: true }));

const frame = (seq: number) => ({ kind: "frame", run: "r", seq, capturedUs: seq * 1000 }) as const;

async function write(path: string, frames: number): Promise<void> {
  const writer = await JournalWriter.create(path, { kind: "head", runs: [["r", 1]] }, Buffer.from("before"));
  for (let seq = 0; seq < frames; seq += 1) await writer.append(frame(seq), Buffer.alloc(100 + seq, seq));
  await writer.sync();
  await writer.close();
}

async function read(path: string): Promise<JournalRecord[]> {
  const records: JournalRecord[] = [];
  for await (const record of readJournal(path)) records.push(record);
  return records;
}

describe("journal", () => {
  it("gives back what was written", async () => {
    const path = join(folder, "a");
    await write(path, 3);
    const [head, ...records] = await read(path);
    expect(head).toMatchObject({ meta: { kind: "head", runs: [["r", 1]] }, jpeg: Buffer.from("before") });
    expect(records.map(({ meta }) => meta)).toEqual([0, 1, 2].map(frame));
    expect(records.map(({ jpeg }) => jpeg)).toEqual([0, 1, 2].map((seq) => Buffer.alloc(100 + seq, seq)));
  });

  it("ends, wherever it was cut off, after the last whole record", async () => {
    const path = join(folder, "a");
    await write(path, 3);
    const whole = await readFile(path);
    const ends = (await read(path)).map(({ end }) => end);
    for (let length = 0; length < whole.length; length += 7) {
      await writeFile(path, whole.subarray(0, length));
      expect(await read(path)).toHaveLength(ends.filter((end) => end <= length).length);
    }
  });

  it("does not give out a record whose bytes have changed, nor those after it", async () => {
    const path = join(folder, "a");
    await write(path, 3);
    const bytes = await readFile(path);
    const at = (await read(path))[1]?.end ?? 0;
    bytes.writeUInt8(bytes.readUInt8(at - 1) ^ 1, at - 1);
    await writeFile(path, bytes);
    expect(await read(path)).toHaveLength(1);
  });

  it("takes zeros for no record", async () => {
    const path = join(folder, "a");
    await write(path, 2);
    await writeFile(path, Buffer.concat([await readFile(path), Buffer.alloc(100)]));
    expect(await read(path)).toHaveLength(3);
    await writeFile(path, Buffer.alloc(100));
    expect(await read(path)).toEqual([]);
  });

  it("goes on after the last whole record", async () => {
    const path = join(folder, "a");
    await write(path, 2);
    const end = (await read(path)).at(-1)?.end ?? 0;
    await writeFile(path, Buffer.concat([await readFile(path), Buffer.alloc(50, 7)]));
    const writer = await JournalWriter.resume(path, end);
    await writer.append(frame(2), Buffer.from("third"));
    await writer.close();
    expect((await read(path)).map(({ meta }) => meta).slice(1)).toEqual([0, 1, 2].map(frame));
  });

  it("refuses a record that it would not read back, and writes nothing of it", async () => {
    const path = join(folder, "a");
    const writer = await JournalWriter.create(path, { kind: "head", runs: [] }, Buffer.alloc(0));
    const before = writer.bytes;
    await expect(
      writer.append({ ...frame(0), run: "\u0001".repeat(11_000) }, Buffer.alloc(1)),
    ).rejects.toThrow("too large for a journal");
    expect(writer.bytes).toBe(before);
    await writer.append(frame(1), Buffer.from("next"));
    await writer.close();
    expect((await read(path)).map(({ meta }) => meta).slice(1)).toEqual([frame(1)]);
  });

  it("is damaged when there is something in it and nothing can be read", async () => {
    const path = join(folder, "a");
    await write(path, 2);
    expect(await isDamaged(path)).toBe(false);
    const bytes = await readFile(path);
    bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20);
    await writeFile(path, bytes);
    expect(await isDamaged(path)).toBe(true);
    for (const left of [Buffer.alloc(0), Buffer.alloc(500)]) {
      await writeFile(path, left);
      expect(await isDamaged(path)).toBe(false);
    }
  });
});
