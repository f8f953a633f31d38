import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Attempts, formatMarks, openAttempts, parseMarks } from "./attempts.ts";
import type { KafkaMessage } from "./kafka-message.ts";
import { createLogger } from "./logging.ts";

const log = createLogger({ app: "test", level: "fatal", environment: "test" });
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edgelab-attempts-"));
});

afterAll(() => rm(folder, { recursive: true }));

function message(partition: number, offset: number): KafkaMessage {
  const rest = { key: undefined, value: undefined, headers: new Map<string, Buffer>() };
  return { topic: "t", partition, offset: BigInt(offset), timestampMs: 0, ...rest };
}

/** Attempts as the next process finds them, what a file would hold kept in memory. */
function started(left = "") {
  const written = { text: left };
  const write = (text: string) => {
    // As a file is overwritten: what was longer sticks out behind.
    written.text = text + written.text.slice(text.length);
  };
  return { written, attempts: new Attempts(parseMarks(left), write) };
}

/** What the process leaves that ends while it has these in hand. */
function leftBy({ attempts, written }: ReturnType<typeof started>, messages: KafkaMessage[]): string {
  void attempts.during(messages, () => new Promise(() => {}));
  return written.text;
}

const deadly = message(0, 7);
const batch = [message(0, 6), deadly, message(1, 3), message(0, 8)];
const fits = (parts: ReturnType<Attempts["parts"]>) =>
  parts.map(({ fit }) => fit.map(({ offset }) => offset));

describe("Attempts", () => {
  it("has a batch whole while no process has ended over any of it", () => {
    expect(fits(started().attempts.parts(batch))).toEqual([[6n, 7n, 3n, 8n]]);
  });

  it("has what was in hand one by one, in order, and refuses what two processes ended over", () => {
    const second = started(leftBy(started(), batch));
    expect(fits(second.attempts.parts(batch))).toEqual([[6n], [7n], [3n], [8n]]);
    expect(fits(second.attempts.parts([message(0, 9), message(2, 7)]))).toEqual([[9n, 7n]]);
    second.attempts.handled([message(0, 6)]);
    const third = started(leftBy(second, [deadly]));
    const [refused, other] = third.attempts.parts([deadly, message(0, 8)]);
    expect(refused?.fit).toEqual([]);
    expect(refused?.rejections.map(({ reason }) => reason)).toEqual([
      "the process ended 2 times while it handled this message",
    ]);
    expect(other?.rejections).toEqual([]);
  });

  it("keeps what it knows of one partition while another is handled", () => {
    const second = started(leftBy(started(), [deadly]));
    const third = started(leftBy(second, [message(1, 3)]));
    expect([third.attempts.deaths(deadly), third.attempts.deaths(message(1, 3))]).toEqual([1, 1]);
  });

  it("counts neither attempts that fail nor what was done", async () => {
    const first = started();
    const failing = first.attempts.during(batch, () => Promise.reject(new Error("down")));
    await expect(failing).rejects.toThrow("down");
    await first.attempts.during(batch, async () => {});
    expect(parseMarks(first.written.text)).toEqual([]);
  });

  it("does not count a process that was told to end, but one that failed", () => {
    const told = started();
    leftBy(told, batch);
    told.attempts.ending(false);
    expect(parseMarks(told.written.text)).toEqual([]);
    const failed = started();
    leftBy(failed, batch);
    failed.attempts.ending(true);
    expect(started(failed.written.text).attempts.deaths(deadly)).toBe(1);
  });

  it("forgets what is done with", () => {
    const second = started(leftBy(started(), batch));
    second.attempts.handled([message(0, 8), message(1, 3)]);
    expect(parseMarks(second.written.text)).toEqual([]);
  });
});

describe("openAttempts", () => {
  const options = () => ({ folder, topic: "t", groupId: "a/b", log });

  it("finds what the last process left in its file", async () => {
    const first = openAttempts(options());
    void first.attempts.during(batch, () => new Promise(() => {}));
    const second = openAttempts(options());
    expect(second.attempts.deaths(deadly)).toBe(1);
    second.attempts.handled(batch);
    for (const { close } of [first, second]) close();
    expect(await readFile(join(folder, "attempts-a%2Fb-t"), "utf8")).toMatch(/^\[\]\n/);
  });

  it("counts on from nothing where the file holds something else, and without any folder", async () => {
    await writeFile(join(folder, "attempts-a%2Fb-t"), "{");
    for (const each of [openAttempts(options()), openAttempts({ ...options(), folder: undefined })]) {
      expect(each.attempts.deaths(deadly)).toBe(0);
      each.close();
    }
  });

  it("round-trips marks", () => {
    const marks = [{ partition: 1, from: 2n ** 60n, to: 2n ** 60n + 1n, deaths: 2 }];
    expect(parseMarks(formatMarks(marks))).toEqual(marks);
  });
});
