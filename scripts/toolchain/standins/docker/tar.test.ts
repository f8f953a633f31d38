import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { tar } from "./tar.ts";

const folder = mkdtempSync(join(tmpdir(), "edgelab-tar-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("tar", () => {
  it("makes what the tar command unpacks", () => {
    const long = `/${"deep/".repeat(30)}name`;
    const archive = tar([
      { path: "/run/secrets/password", content: Buffer.from("pässword"), mode: 0o444 },
      { path: long, content: Buffer.alloc(512, 7), mode: 0o600 },
      { path: "/empty", content: Buffer.alloc(0), mode: 0o744 },
    ]);
    execFileSync("tar", ["-x", "-f", "-", "--no-same-owner", "-C", folder], { input: archive });
    expect(readFileSync(join(folder, "run/secrets/password"), "utf8")).toBe("pässword");
    expect(statSync(join(folder, "run/secrets/password")).mode & 0o777).toBe(0o444);
    expect(readFileSync(join(folder, long))).toEqual(Buffer.alloc(512, 7));
    expect(statSync(join(folder, "empty")).size).toBe(0);
  });

  it("refuses a path that the format cannot hold", () => {
    const file = { path: `/${"x".repeat(101)}`, content: Buffer.alloc(0), mode: 0o644 };
    expect(() => tar([file])).toThrow(/too long for an upload/);
  });
});
