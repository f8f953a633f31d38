import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { film } from "../files/testing/frames.ts";
import type { RecorderSettings } from "./settings.ts";
import { grayAt, openRecorder, probe } from "./testing/recordings.ts";

const child = fileURLToPath(new URL("./testing/record-until-killed.ts", import.meta.url));
const fps = 10;
const settings = {
  video: { fps, codec: "mjpeg", container: "avi", quality: "high" },
  maxSlots: 200,
  maxBytes: 1e12,
  maxGapUs: 10e6,
  chunkSlots: 25,
} satisfies RecorderSettings;

/** Lets a recorder work until so many frames are durable, kills it, and returns how many it said are. */
async function killAfter(root: string, frames: number): Promise<number> {
  const args = [child, root, JSON.stringify(settings), String(fps)];
  const recorder = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let durable = 0;
  for await (const line of createInterface({ input: recorder.stdout })) {
    durable = Number(line);
    if (durable >= frames && recorder.exitCode === null) recorder.kill("SIGKILL");
  }
  if (recorder.exitCode === null && recorder.signalCode === null) await once(recorder, "exit");
  expect(recorder.signalCode).toBe("SIGKILL");
  return durable;
}

async function recordings(root: string): Promise<string[]> {
  const names = await readdir(join(root, "Gate", "2026-03-01")).catch((): string[] => []);
  return names.filter((name) => /^\d.*avi$/.test(name)).sort();
}

it("loses no frame that it said is durable when it is killed, twice, at any moment", {
  timeout: 120_000,
}, async () => {
  const root = await mkdtemp(join(tmpdir(), "killed-"));
  try {
    await killAfter(root, 430);
    for (const name of await recordings(root)) {
      expect((await probe(join(root, "Gate/2026-03-01", name))).frames).toBe(200);
    }
    // The second one is given everything again from the start, as if nothing had been committed.
    const durable = await killAfter(root, 940);
    const recorder = openRecorder(root, settings);
    await recorder.recover();
    // Committed is what was durable; the rest comes now.
    const rest = (await film(durable + 50, fps)).slice(durable);
    const { signal } = new AbortController();
    await recorder.record(
      rest.map((frame) => ({ kind: "frame", ...frame })),
      signal,
    );
    await recorder.close();
    const grays = [];
    for (const name of await recordings(root))
      grays.push(...(await grayAt(join(root, "Gate/2026-03-01", name))));
    expect(grays).toHaveLength(durable + 50);
    expect(grays.filter((gray, at) => Math.abs(gray - (60 + (at % 8) * 25)) > 3)).toEqual([]);
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
});
