import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { ToolchainError } from "../toolchain/errors.ts";
import type { Series, Window } from "./statistics/series.ts";
import { blockOf, blocksIn, latencyMs, type WindowRecord } from "./windows.ts";

/** Columns of `samples.csv.gz`; times in µs, of the producer's clock unless said otherwise in docs/measuring.md. */
export const columns = [
  "producers",
  "repeat",
  "producer",
  "seq",
  "device",
  "outcome",
  "block",
  "blocks",
  "latency_ms",
  "scheduled_us",
  "sent_us",
  "acked_us",
  "picked_us",
  "classified_us",
  "result_acked_us",
  "received_us",
  "inference_ms",
  "batch",
  "image_bytes",
  "result_bytes",
  "label",
  "predicted",
] as const;

/** Writes every image of every window, one a line; an image that never arrived has no latency. */
export async function writeSamples(file: string, records: readonly WindowRecord[]): Promise<void> {
  await pipeline(Readable.from(lines(records)), createGzip(), createWriteStream(file));
}

function* lines(records: readonly WindowRecord[]): Generator<string> {
  yield `${columns.join(",")}\n`;
  for (const record of records) {
    const blocks = blocksIn(record.seconds);
    for (const producer of record.producers) {
      for (const image of producer.images) {
        const stage = image.id === null ? undefined : record.stages.get(image.id);
        const latency = latencyMs(image);
        const cells = [
          record.producerCount,
          record.repeat,
          producer.producer,
          image.seq,
          image.device,
          image.outcome,
          blockOf(image.scheduledUs, producer, blocks),
          blocks,
          Number.isFinite(latency) ? latency : null,
          image.scheduledUs,
          image.sentUs,
          image.ackedUs,
          image.pickedUs,
          stage?.classifiedUs,
          stage?.resultAckedUs,
          image.receivedUs,
          image.inferenceMs,
          image.batch,
          image.bytes,
          image.resultBytes,
          image.label,
          image.predicted,
        ];
        yield `${cells.map(cell).join(",")}\n`;
      }
    }
  }
}

/** A cell (RFC 4180). */
function cell(value: string | number | null | undefined): string {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Reads back what the statistics need, one series for each producer count.
 * @param overloaded producer counts at which the pipeline did not keep up
 * @throws ToolchainError when the file is none that {@link writeSamples} wrote
 */
export async function readSeries(file: string, overloaded: ReadonlySet<number>): Promise<Series[]> {
  const windows = new Map<
    number,
    Map<number, { blocks: number; observations: Window["observations"][number][] }>
  >();
  const source = createReadStream(file);
  const unzipped = source.pipe(createGunzip());
  // An error does not pass through pipe() by itself.
  source.on("error", (error) => unzipped.destroy(error));
  let number = 0;
  for await (const line of createInterface({ input: unzipped, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (number === 1) {
      if (line !== columns.join(",")) throw damaged(file, "its header is not the expected one");
      continue;
    }
    // What is read lies before the only columns that can be quoted.
    const [producers, repeat, , , , outcome, block, blocks, latency] = line.split(",");
    const count = Number(producers);
    const value = outcome === "received" ? Number(latency) : Number.POSITIVE_INFINITY;
    if (
      ![count, Number(repeat), Number(block), Number(blocks)].every(Number.isInteger) ||
      Number.isNaN(value)
    ) {
      throw damaged(file, `line ${number} is not a sample`);
    }
    const repeats = windows.get(count) ?? new Map();
    const window = repeats.get(Number(repeat)) ?? { blocks: Number(blocks), observations: [] };
    window.observations.push({ latencyMs: value, block: Number(block) });
    repeats.set(Number(repeat), window);
    windows.set(count, repeats);
  }
  return [...windows]
    .sort(([a], [b]) => a - b)
    .map(([producers, repeats]) => ({
      producers,
      windows: [...repeats.values()],
      overloaded: overloaded.has(producers),
    }));
}

function damaged(file: string, what: string): ToolchainError {
  return new ToolchainError(`${file}: ${what}`, "name the folder of a run that ./scripts/cdf has made");
}
