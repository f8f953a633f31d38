import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { forgetTunnel, noteTunnel, tellTunnel, toldTunnel, tunnelOf } from "./tunnel-note.ts";

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

  it("is told what an update has added, and the update waits until it leads there", async () => {
    const forward = (port: number) => ({ service: "s", port, address: "127.0.0.1", remotePort: port });
    const forwards = [
      {
        host: "a",
        connection: { address: "a", port: 22, user: "lab" },
        forwards: [forward(8500), forward(8600)],
      },
    ];
    await tellTunnel(project, "edge", forwards);
    await noteTunnel(project, "edge", [8500]);
    const ending = new AbortController();
    const told = toldTunnel(project, "edge", ending.signal);
    const first = told.next();
    // The watch begins with the first question.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const telling = tellTunnel(project, "edge", forwards);
    expect((await first).value).toEqual(forwards);
    await noteTunnel(project, "edge", [8500, 8600]);
    await telling;
    ending.abort();
    expect((await told.next()).done).toBe(true);
  });

  it("does not count when its process is gone", async () => {
    await noteTunnel(project, "edge", [8500]);
    // The highest process number that Linux gives is below this one.
    writeFileSync(join(project, "tunnels/edge.json"), JSON.stringify({ pid: 2 ** 22 + 1, ports: [8500] }));
    expect(await tunnelOf(project, "edge")).toEqual(new Set());
  });
});
