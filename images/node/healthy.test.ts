import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Health } from "../../apps/common/health.ts";
import { startHeartbeat } from "../../apps/common/heartbeat.ts";

let folder: string;
let file: string;
let stop = () => {};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "edgelab-heartbeat-"));
  file = join(folder, "heartbeat");
});

afterEach(async () => {
  stop();
  await rm(folder, { recursive: true });
});

/** Runs the check; with `PATH` empty, so that it fails when it needs any program. */
function check(): Promise<{ code: number; stderr: string; stdout: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      join(import.meta.dirname, "healthy"),
      { env: { PATH: "", HEARTBEAT_FILE: file } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

const beating = (health: Health, goodSeconds?: number) => {
  stop = startHeartbeat({ health, file, ...(goodSeconds === undefined ? {} : { goodSeconds }) });
};

describe("healthy", () => {
  it("passes while the app beats and says that all works", async () => {
    beating(new Health());
    expect(await check()).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("fails with what is wrong, in one line", async () => {
    const health = new Health(["kafka", "postgres"]);
    health.fail("kafka", 'no broker\nanswers at "a:9092" $(date) `date`');
    beating(health);
    const stderr = 'kafka: no broker answers at "a:9092" $(date) `date`; postgres: starting\n';
    expect(await check()).toEqual({ code: 1, stdout: "", stderr });
  });

  it("passes with what is missing, in one line", async () => {
    const health = new Health(["cameras"]);
    health.warn("cameras", "gate: no frame\nfor 20 s");
    beating(health);
    expect(await check()).toEqual({ code: 0, stdout: "cameras: gate: no frame for 20 s\n", stderr: "" });
  });

  it("fails when the last heartbeat is too old, as of an app whose event loop hangs", async () => {
    beating(new Health(), -30);
    expect(await check()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^the app hangs: .* 3\d s ago\n$/),
    });
  });

  it("fails before the app has started", async () => {
    expect(await check()).toMatchObject({ code: 1, stderr: "the app has not started yet\n" });
  });

  it.each(["", "12", "12\n\n", "\n\n\n", "soon\n\n\n"])(
    "fails on a file that is no heartbeat: %j",
    async (content) => {
      await writeFile(file, content);
      expect((await check()).code).not.toBe(0);
    },
  );

  it("follows the app's health", async () => {
    const health = new Health(["kafka"]);
    stop = startHeartbeat({ health, file, everyMs: 10 });
    expect((await check()).code).toBe(1);
    health.ok("kafka");
    await expect.poll(async () => (await check()).code).toBe(0);
  });
});
