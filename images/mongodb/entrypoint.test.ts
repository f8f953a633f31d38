import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../apps/common/testing/free-ports.ts";

let folder: string;
let port: number;

/** MongoDB as far as the entrypoint goes: it listens where it is told to, and leaves word of how it was started. */
const mongod = `#!${process.execPath}
const { appendFileSync } = require("node:fs");
const given = process.argv.slice(2);
appendFileSync(process.env.STARTED, given.join(" ") + "\\n");
if (given.includes("--auth")) process.exit(0);
if (process.env.BROKEN) { console.error("no room"); process.exit(1); }
require("node:net").createServer((socket) => socket.end()).listen(Number(given[given.indexOf("--port") + 1]), "127.0.0.1");
`;
const mongosh = `#!/bin/sh
printf 'mongosh %s\\n' "$*" >>"$STARTED"
[ -z "$REFUSES" ]
`;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "edgelab-mongodb-"));
  port = await freePort();
  await mkdir(join(folder, "bin"));
  await mkdir(join(folder, "data"));
  for (const [name, text] of Object.entries({ mongod, mongosh })) {
    await writeFile(join(folder, "bin", name), text);
    await chmod(join(folder, "bin", name), 0o755);
  }
  await writeFile(join(folder, "password"), "pass-word");
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs the entrypoint to its end, and tells what it ran. */
function run(more: Readonly<Record<string, string>> = {}) {
  const env = {
    PATH: `${join(folder, "bin")}:${process.env.PATH}`,
    STARTED: join(folder, "started"),
    DOCUMENTS_LISTEN: `0.0.0.0:${port}`,
    DOCUMENTS_DATA: join(folder, "data"),
    DOCUMENTS_USER: "me",
    DOCUMENTS_PASSWORD_FILE: join(folder, "password"),
    DOCUMENTS_CACHE_GB: "0.25",
    ...more,
  };
  return new Promise<{ code: number; stderr: string; ran: string[] }>((resolve) => {
    const child = execFile(
      join(import.meta.dirname, "entrypoint"),
      { env },
      async (_error, _stdout, stderr) => {
        const started = await readFile(env.STARTED, "utf8").catch(() => "");
        await rm(env.STARTED, { force: true });
        resolve({ code: child.exitCode ?? -1, stderr, ran: started.trim().split("\n") });
      },
    );
  });
}

describe("MongoDB's entrypoint", () => {
  it("gives the user the password on the loopback address, and then lets nobody in without one", async () => {
    const { code, ran } = await run();
    expect(code).toBe(0);
    expect(ran).toHaveLength(3);
    expect(ran[0]).toMatch(new RegExp(`--port ${port} .*--bind_ip 127\\.0\\.0\\.1$`));
    expect(ran[1]).toMatch(
      new RegExp(`^mongosh .*mongodb://127\\.0\\.0\\.1:${port}/admin .*set-password\\.js$`),
    );
    expect(ran[2]).toMatch(/--wiredTigerCacheSizeGB 0\.25 .*--auth --bind_ip 0\.0\.0\.0$/);
    expect(ran.join()).not.toContain("pass-word");
  });

  it("does so again only for another password or user", async () => {
    await run();
    expect((await run()).ran).toHaveLength(1);
    await writeFile(join(folder, "password"), "another");
    expect((await run()).ran).toHaveLength(3);
    expect((await run({ DOCUMENTS_USER: "you" })).ran).toHaveLength(3);
  });

  it("listens on the loopback address as well, which the health check asks", async () => {
    await run();
    const { ran } = await run({ DOCUMENTS_LISTEN: `10.0.0.1:${port}` });
    expect(ran).toEqual([expect.stringMatching(/--bind_ip 127\.0\.0\.1,10\.0\.0\.1$/)]);
  });

  it("begins anew when the password could not be set", async () => {
    const { code, stderr, ran } = await run({ REFUSES: "yes" });
    expect([code, stderr]).toEqual([1, expect.stringContaining("cannot be given its password")]);
    expect(ran.join()).not.toContain("--auth");
    expect((await run()).ran).toHaveLength(3);
  });

  it("says why MongoDB does not start", async () => {
    const { code, stderr } = await run({ BROKEN: "yes" });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/no room[\s\S]*MongoDB does not start/)]);
  });

  it.each(["DOCUMENTS_LISTEN", "DOCUMENTS_CACHE_GB"])("names %s when it is not set", async (variable) => {
    expect((await run({ [variable]: "" })).stderr).toContain(`${variable} is not set`);
  });
});
