import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ToolchainError } from "./errors.ts";
import { attempt, logged, onTerminal, output } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "edgelab-run-"));
afterAll(() => rmSync(folder, { recursive: true }));
const sh = (script: string): [string, string[]] => ["sh", ["-c", script]];

describe("attempt", () => {
  it("answers a failure instead of throwing it, also of a command that is not there", async () => {
    expect(await attempt(...sh("echo no >&2; exit 3"))).toMatchObject({
      failed: true,
      exitCode: 3,
      stderr: "no",
    });
    const missing = await attempt("edgelab-has-no-such-command");
    expect([missing.failed, missing.exitCode]).toEqual([true, undefined]);
    expect(await output(...sh("echo found; exit 1"))).toBeUndefined();
  });

  it("gives the command the environment it is told, whole, and an input that ends", async () => {
    const { PATH } = process.env;
    const env = { PATH, ONLY: "this" };
    expect(await output(...sh('cat; echo "$ONLY $HOME"'), { env })).toBe("this");
  });
});

describe("logged", () => {
  it("keeps all output in the log, and shows its last lines when the command fails", async () => {
    const log = join(folder, "logs/some.log");
    await logged(log, ...sh("echo fine"));
    const failure = logged(log, ...sh("seq 40; echo trouble >&2; exit 4"), { fix: "do this" });
    const error = await failure.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ToolchainError);
    expect(error).toMatchObject({
      fix: "do this",
      message: expect.stringMatching(/exit code 4[\s\S]*trouble/),
    });
    expect(String(error)).toMatch(/ 40\n/);
    expect(String(error)).not.toMatch(/ 1\n/);
    expect(readFileSync(log, "utf8")).toMatch(/\$ sh -c echo fine\nfine\n[\s\S]*\n1\n[\s\S]*trouble/);
  });

  it("says that a command cannot be run at all", async () => {
    const log = join(folder, "none.log");
    await expect(logged(log, "edgelab-has-no-such-command", [])).rejects.toThrow(/could not be run .*ENOENT/);
  });
});

describe("onTerminal", () => {
  const options = { cwd: folder, env: { PATH: process.env.PATH ?? "" } };

  it("tells how the command ended", async () => {
    expect(await onTerminal(...sh("exit 7"), options)).toBe(7);
    expect(await onTerminal(...sh("kill -TERM $$"), options)).toBe(143);
    await expect(onTerminal("edgelab-has-no-such-command", [], options)).rejects.toThrow(/ENOENT/);
  });
});
