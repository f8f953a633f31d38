import type { Logger } from "../../common/logging.ts";
import { pause } from "../../common/retry.ts";
import type { Timing } from "../contract.ts";
import { type BrokenLine, CsvError, type CsvFormat, type CsvLine, readCsv } from "./csv.ts";
import { pauseMs, shiftOf } from "./replay.ts";

export interface RunOptions {
  readonly sensor: string;
  readonly file: string;
  readonly format: CsvFormat;
  readonly timing: Timing;
  readonly speed: number;
  readonly loop: boolean;
  /** Resolves when the broker has it. */
  readonly publish: (payload: string) => Promise<void>;
  readonly onSkipped: (broken: BrokenLine["broken"]) => void;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** ms since the epoch. */
  readonly now: () => number;
}

/** `setTimeout` takes no more, ms. */
const longestMs = 2 ** 31 - 1;

/** Sends the file's lines, one after the other, as far apart as their times by the speed. @throws the signal's reason when aborted */
export async function replay(options: RunOptions): Promise<void> {
  const { file, log, now, timing, loop } = options;
  const { lines, broken, lastMs } = await survey(options);
  log.info({ file, lines, broken }, "the file was looked through");
  do await sendPass(options, shiftOf(lastMs, now(), timing));
  while (loop);
}

/** Looks through a file once: how many lines, how many of them broken, and its latest time. @throws {CsvError} without a line */
async function survey({ file, format }: RunOptions) {
  let lastMs = Number.NEGATIVE_INFINITY;
  let [lines, broken] = [0, 0];
  for await (const line of readCsv(file, format)) {
    lines += 1;
    if ("broken" in line) {
      broken += 1;
      continue;
    }
    lastMs = Math.max(lastMs, line.timeMs);
  }
  if (lines === broken) throw new CsvError(`${file} has no line with a time in ${format.timeColumn}`);
  return { lastMs, lines, broken };
}

async function sendPass(options: RunOptions, shiftMs: number): Promise<void> {
  const { file, format, publish, onSkipped, signal, speed } = options;
  let beforeMs: number | undefined;
  for await (const line of readCsv(file, format)) {
    signal.throwIfAborted();
    if ("broken" in line) {
      onSkipped(line.broken);
      continue;
    }
    const timeMs = line.timeMs + shiftMs;
    let waitMs = pauseMs(timeMs, beforeMs, speed);
    for (; waitMs > 0; waitMs -= longestMs) await pause(Math.min(waitMs, longestMs), signal);
    await publish(JSON.stringify(payloadOf(options.sensor, line, timeMs)));
    beforeMs = timeMs;
  }
}

/** The message: the line's own columns after what says which reading it is. The same line at the same time has one id. */
export function payloadOf(sensor: string, { line, fields }: CsvLine, timeMs: number) {
  const ts = new Date(timeMs).toISOString();
  return { ...fields, id: `${sensor}/${ts}/${line}`, ts, sensor };
}
