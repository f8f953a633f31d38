import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { forgetTunnel, noteTunnel, tunnelOf } from "./tunnel-note.ts";

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "tunnel-"));
});
afterEach(() => rmSync(project, { recursive: true }));

describe("the note of an open tunnel", () => {
  it("is found by its stack until it is taken back", async () => {
    await noteTunnel(project, "edge", [29_092, 8500]);
    expect(await tunnelOf(project, "edge")).toEqual(new Set([29_092, 8500]));
    expect(await tunnelOf(project, "other")).toEqual(new Set());
    await forgetTunnel(project, "edge");
    expect(await tunnelOf(project, "edge")).toEqual(new Set());
  });

  it("does not count when its process is gone", async () => {
    await noteTunnel(project, "edge", [8500]);
    // The highest process number that Linux gives is below this one.
    writeFileSync(join(project, "tunnels/edge.json"), JSON.stringify({ pid: 2 ** 22 + 1, ports: [8500] }));
    expect(await tunnelOf(project, "edge")).toEqual(new Set());
  });
});
