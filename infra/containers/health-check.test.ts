import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkTimes, watched, watchScript } from "./health-check.ts";

let folder: string;
let mark: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "edgelab-health-"));
  mark = join(folder, "mark");
});
afterEach(() => rm(folder, { recursive: true }));

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** How often it was checked. */
  readonly checks: number;
}

/** Runs a check as Docker does; `check` is a script that has the number of the check in $n. */
async function ask(check: string, limitSeconds = 5): Promise<Answer> {
  const count = join(folder, "count");
  await writeFile(count, "");
  const counted = `echo >>${count}; n=$(wc -l <${count}); ${check}`;
  const script = watchScript({ mark, everySeconds: 0.02, times: 3, limitSeconds });
  const outcome = await new Promise<Omit<Answer, "checks">>((resolve) => {
    const child = execFile("sh", ["-c", script, "health", "sh", "-c", counted], (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
  return { ...outcome, checks: (await readFile(count, "utf8")).length };
}

const good = { code: 0, stdout: "", stderr: "" };

describe("a watched check", () => {
  it("answers at once the first time that all is well, and watches for a while from then on", async () => {
    expect(await ask("exit 0")).toEqual({ ...good, checks: 1 });
    expect(await ask("exit 0")).toEqual({ ...good, checks: 4 });
  });

  it("answers at once when something goes wrong, with what, and as long as it is", async () => {
    await ask("exit 0");
    const broken = "[ $n -lt 3 ] || { echo no broker answers >&2; exit 1; }";
    expect(await ask(broken)).toEqual({ code: 1, stdout: "", stderr: "no broker answers\n", checks: 3 });
    expect(existsSync(mark)).toBe(false);
    expect(await ask("echo still >&2; exit 1")).toMatchObject({ code: 1, stderr: "still\n", checks: 1 });
    expect(await ask("exit 0"), "mended").toEqual({ ...good, checks: 1 });
  });

  it("passes on what is missing, as the last check says it", async () => {
    expect(await ask("echo check $n")).toMatchObject({ code: 0, stdout: "check 1\n" });
    expect(await ask("echo check $n")).toMatchObject({ code: 0, stdout: "check 4\n" });
  });

  it("fails when there is no answer in time, or no such program", async () => {
    expect(await ask("sleep 60", 0.2)).toMatchObject({ code: 1, stderr: "no answer within 0.2 s\n" });
    const missing = watched(["/no/such/check"]).slice(1);
    const [program = "", ...args] = missing;
    const code = await new Promise((resolve) => {
      const child = execFile(program, args, () => resolve(child.exitCode));
    });
    expect(code).toBe(1);
  });

  it("has time for all of its checks before Docker ends it", () => {
    const [, , , script = ""] = watched(["true"]);
    const number = (pattern: RegExp) => Number(script.match(pattern)?.[1]);
    const checks = 1 + (script.match(/for turn in ([\d ]+);/)?.[1]?.split(" ").length ?? 0);
    const most = checks * number(/timeout (\d+)/) + (checks - 1) * number(/sleep (\d+)/);
    expect(most).toBeGreaterThan(40);
    expect(checkTimes.timeoutSeconds).toBeGreaterThan(most);
  });
});
