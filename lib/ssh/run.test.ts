import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../apps/common/testing/free-ports.ts";
import { scanHostKey } from "./host-key.ts";
import { mustRun, runScript } from "./run.ts";
import { startSshd, type TestSshd } from "./testing/sshd.ts";

let host: TestSshd;
let jump: TestSshd;
beforeAll(async () => {
  [host, jump] = await Promise.all([startSshd(), startSshd()]);
});
afterAll(() => Promise.all([host.stop(), jump.stop()]));
const timeoutMs = 20_000;

describe("runScript", () => {
  it("runs a script with nothing of it on a command line", async () => {
    const lines: string[] = [];
    const out = await mustRun(host.connection, 'secret=gr8secret\necho one\necho "two $#"\nps -ef', {
      timeoutMs,
      onLine: (line) => lines.push(line),
    });
    expect(out.split("\n").slice(0, 2)).toEqual(["one", "two 0"]);
    expect(out).toContain("bash -s");
    expect(out).not.toContain("gr8secret");
    expect(lines.slice(0, 2)).toEqual(["one", "two 0"]);
  });

  it("tells the exit code and the standard error", async () => {
    const result = await runScript(host.connection, "echo trouble >&2; exit 7", { timeoutMs });
    expect(result).toEqual({ code: 7, stdout: "", stderr: "trouble" });
    await expect(mustRun(host.connection, "echo trouble >&2; exit 7", { timeoutMs })).rejects.toThrow(
      /trouble\n {2}fix: look there: ssh -i/,
    );
  });

  it("goes through a jump host, each with its own key and host key", async () => {
    const connection = { ...host.connection, jump: jump.connection };
    const port = 'set -- $SSH_CONNECTION; echo "$4"';
    expect(await mustRun(connection, port, { timeoutMs })).toBe(String(host.connection.port));
    const refused = { ...connection, jump: { ...jump.connection, keyFile: jump.foreignKey } };
    await expect(mustRun(refused, "true", { timeoutMs })).rejects.toThrow(
      `the jump host ${jump.connection.user}@127.0.0.1:${jump.connection.port} refuses the key`,
    );
  });

  it("ends in time, also when the other side does not", async () => {
    const begin = performance.now();
    const result = await runScript(host.connection, "exec sleep 30", { timeoutMs: 1_000 });
    expect(result).toMatchObject({ code: null, stderr: "timed out after 1 s" });
    const controller = new AbortController();
    const running = runScript(host.connection, "echo up; exec sleep 30", {
      timeoutMs,
      signal: controller.signal,
      onLine: () => controller.abort(),
    });
    expect(await running).toMatchObject({ code: null, stdout: "up", stderr: "cancelled" });
    expect(performance.now() - begin).toBeLessThan(10_000);
  });

  it.each([
    ["another host key", () => ({ hostKey: keyOf(jump) }), /another host key.*ssh-keyscan -p/s, false],
    [
      "a key that is not known",
      () => ({ keyFile: host.foreignKey }),
      /refuses the key.*ssh-copy-id -i/s,
      false,
    ],
    [
      "no such key",
      () => ({ keyFile: `${host.folder}/none` }),
      /private key .* cannot be used.*chmod 600/s,
      false,
    ],
    ["nothing there", async () => ({ port: await freePort() }), /does not answer.*refused.*sshd runs/s, true],
    ["no such name", () => ({ address: "host.invalid" }), /name host.invalid cannot be resolved/, false],
  ])("explains %s", async (_what, change, message, transient) => {
    const connection = { ...host.connection, ...(await change()) };
    const failure: unknown = await mustRun(connection, "true", { timeoutMs }).catch((error) => error);
    expect(failure).toMatchObject({ message: expect.stringMatching(message), transient });
  });
});

describe("scanHostKey", () => {
  it("tells the key that is shown, whether we are let in or not", async () => {
    const { hostKey, ...unpinned } = host.connection;
    expect(await scanHostKey(unpinned, { timeoutMs })).toBe(hostKey);
    expect(await scanHostKey({ ...unpinned, keyFile: host.foreignKey }, { timeoutMs })).toBe(hostKey);
    expect(await scanHostKey({ ...unpinned, jump: jump.connection }, { timeoutMs })).toBe(hostKey);
  });

  it("is what ssh-keyscan says", async () => {
    const { address, port } = host.connection;
    const scanned = execFileSync("ssh-keyscan", ["-p", String(port), "-t", "ed25519", address], {
      stdio: "pipe",
    });
    expect(scanned.toString()).toContain(host.connection.hostKey);
  });

  it("fails when nothing answers", async () => {
    const { hostKey: _, ...unpinned } = host.connection;
    const nobody = { ...unpinned, port: await freePort() };
    await expect(scanHostKey(nobody, { timeoutMs })).rejects.toThrow("does not answer");
  });
});

function keyOf({ connection }: TestSshd): string {
  return connection.hostKey;
}
