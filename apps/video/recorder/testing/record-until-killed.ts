/**
 * Records a film over and over, and prints how many of its frames are durable after each batch, until it is killed.
 * Arguments: output folder, settings as JSON, frames a second.
 */
import { film } from "../../files/testing/frames.ts";
import { openRecorder } from "./recordings.ts";

const [root = "", settings = "", fps = ""] = process.argv.slice(2);
const frames = await film(100_000, Number(fps));
const recorder = openRecorder(root, JSON.parse(settings));
await recorder.recover();
const { signal } = new AbortController();
const batch = 9;
for (let at = 0; at < frames.length; at += batch) {
  const messages = frames.slice(at, at + batch).map((frame) => ({ kind: "frame" as const, ...frame }));
  await recorder.record(messages, signal);
  process.stdout.write(`${at + messages.length}\n`);
}
