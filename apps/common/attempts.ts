import { closeSync, constants, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { KafkaMessage, Rejection } from "./kafka-message.ts";
import type { Logger } from "./logging.ts";

type Place = Pick<KafkaMessage, "partition" | "offset">;

/** Offsets of a partition that were in hand together, and how often the process ended meanwhile. */
interface Mark {
  readonly partition: number;
  readonly from: bigint;
  readonly to: bigint;
  readonly deaths: number;
}

/** Processes that may end over a message before it is refused: it is handled twice, and never a third time. */
export const mostDeaths = 2;

const offset = z.string().regex(/^\d+$/).transform(BigInt);
const marksFormat = z.array(
  z.strictObject({ partition: z.int().min(0), from: offset, to: offset, deaths: z.int().min(1) }),
);

/** The marks that a process left, from what its file holds; what follows the first line is older. @throws when it is none */
export function parseMarks(text: string): Mark[] {
  const [line = ""] = text.split("\n", 1);
  return line === "" ? [] : marksFormat.parse(JSON.parse(line));
}

export function formatMarks(marks: readonly Mark[]): string {
  const written = marks.map((mark) => ({ ...mark, from: String(mark.from), to: String(mark.to) }));
  return `${JSON.stringify(written)}\n`;
}

/**
 * Which messages of one consumer were in hand when a process ended, so that one that ends every process which handles
 * it (a decoder that crashes, memory that does not suffice) is refused rather than tried for ever. A file that outlives
 * the process says before a batch what is in hand, and after it that nothing is: each a write of a hundred bytes to the
 * page cache, which outlives a process too. What was in hand comes again one message at a time.
 *
 * An attempt that ends with an error has not ended the process, nor has a process that was told to end: neither counts.
 */
export class Attempts {
  #marks: readonly Mark[];
  #write: (text: string) => void;

  /** @param marks what the last process left */
  constructor(marks: readonly Mark[], write: (text: string) => void) {
    this.#marks = marks;
    this.#write = write;
  }

  /** How many processes ended over this message. */
  deaths({ partition, offset }: Place): number {
    if (this.#marks.length === 0) return 0;
    const own = this.#marks.filter((mark) => mark.partition === partition && holds(mark, offset));
    return Math.max(0, ...own.map((mark) => mark.deaths));
  }

  /**
   * A batch as it is to be handled: whole, or, if a process ended over any of it, in parts of one message each, in
   * order, refused where too many did.
   */
  parts(messages: readonly KafkaMessage[]): { fit: KafkaMessage[]; rejections: Rejection[] }[] {
    if (this.#marks.length === 0 || messages.every((message) => this.deaths(message) === 0)) {
      return [{ fit: [...messages], rejections: [] }];
    }
    return messages.map((message) => {
      const deaths = this.deaths(message);
      if (deaths < mostDeaths) return { fit: [message], rejections: [] };
      const reason = `the process ended ${deaths} times while it handled this message`;
      return { fit: [], rejections: [{ message, reason }] };
    });
  }

  /** Does something with messages, and has them marked meanwhile. */
  async during<T>(messages: readonly KafkaMessage[], run: () => Promise<T>): Promise<T> {
    this.#save([...this.#marks, ...this.#taken(messages)]);
    try {
      return await run();
    } finally {
      this.#save(this.#marks);
    }
  }

  /** These messages are done with, as are all before them in their partitions. */
  handled(messages: readonly KafkaMessage[]): void {
    if (this.#marks.length === 0) return;
    const ends = new Map(messages.map(({ partition, offset }) => [partition, offset]));
    this.#marks = this.#marks.filter(({ partition, to }) => to > (ends.get(partition) ?? -1n));
    this.#save(this.#marks);
  }

  /**
   * The process is ending. When it was told to, and is killed before it is through, that is not due to what it has in
   * hand; when something in it failed, that may be.
   */
  ending(failed: boolean): void {
    if (!failed) this.#save(this.#marks);
    this.#write = () => {};
  }

  #taken(messages: readonly KafkaMessage[]): Mark[] {
    const ranges = new Map<number, { -readonly [key in keyof Mark]: Mark[key] }>();
    for (const message of messages) {
      const { partition, offset } = message;
      const deaths = this.deaths(message) + 1;
      const range = ranges.get(partition);
      if (range === undefined) ranges.set(partition, { partition, from: offset, to: offset, deaths });
      else {
        range.to = offset;
        range.deaths = Math.max(range.deaths, deaths);
      }
    }
    return [...ranges.values()];
  }

  #save(marks: readonly Mark[]): void {
    this.#write(formatMarks(marks));
  }
}

const holds = ({ from, to }: Mark, offset: bigint): boolean => from <= offset && offset <= to;

export interface AttemptsOptions {
  /** Folder that outlives the process. Without one nothing is counted. */
  readonly folder: string | undefined;
  readonly topic: string;
  readonly groupId: string;
  readonly log: Logger;
}

/** The attempts of one consumer, with what its last process left, and what closes their file. */
export function openAttempts({ folder, topic, groupId, log }: AttemptsOptions): {
  attempts: Attempts;
  close: () => void;
} {
  const uncounted = { attempts: new Attempts([], () => {}), close: () => {} };
  if (folder === undefined) return uncounted;
  const file = join(folder, `attempts-${encodeURIComponent(`${groupId}-${topic}`)}`);
  try {
    mkdirSync(folder, { recursive: true });
    const fd = openSync(file, constants.O_RDWR | constants.O_CREAT);
    const marks = marksOf(file, log);
    if (marks.length > 0) {
      const inHand = marks.map(({ partition, from, to, deaths }) => `${partition}:${from}-${to} (${deaths})`);
      log.warn({ inHand }, "the last process ended with messages in hand; they come one at a time");
    }
    return { attempts: new Attempts(marks, writer(fd, file, log)), close: () => closeSync(fd) };
  } catch (err) {
    log.error({ err, file }, "attempts cannot be counted; a message that ends the process is tried for ever");
    return uncounted;
  }
}

function marksOf(file: string, log: Logger): Mark[] {
  try {
    return parseMarks(readFileSync(file, "utf8"));
  } catch (err) {
    log.warn({ err, file }, "what the last process had in hand cannot be read; nothing is known of it");
    return [];
  }
}

/** Writes from the file's beginning, the line end last; tells once when that fails. */
function writer(fd: number, file: string, log: Logger): (text: string) => void {
  let failed = false;
  return (text) => {
    try {
      writeSync(fd, text, 0);
      failed = false;
    } catch (err) {
      if (!failed) log.error({ err, file }, "attempts cannot be counted for now");
      failed = true;
    }
  };
}
