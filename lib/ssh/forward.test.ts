import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../apps/common/testing/free-ports.ts";
import { openForward } from "./forward.ts";
import { startSshd, type TestSshd } from "./testing/sshd.ts";

let host: TestSshd;
let service: Server;
let there: { address: string; port: number };
const timeoutMs = 10_000;

beforeAll(async () => {
  host = await startSshd();
  there = { address: "127.0.0.1", port: await freePort() };
  service = createServer((socket) => socket.on("error", () => {}).end("hello"));
  await new Promise<void>((resolve) => service.listen(there.port, there.address, resolve));
});
afterAll(async () => {
  service.close();
  await host.stop();
});

const listens = (target: { port: number } | { path: string }) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(target);
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });

describe("openForward", () => {
  it("carries ports and sockets until it is closed", async () => {
    const port = await freePort();
    const socketPath = join(host.folder, "s");
    const forward = await openForward(
      host.connection,
      [
        { local: { port }, remote: there },
        { local: { socketPath }, remote: there },
      ],
      { timeoutMs },
    );
    expect(await text(connect(port, "127.0.0.1"))).toBe("hello");
    expect(await text(connect(socketPath))).toBe("hello");
    await forward.close();
    expect(await listens({ port })).toBe(false);
    expect(existsSync(socketPath)).toBe(false);
  });

  it("refuses a port that is taken", async () => {
    const spec = { local: { port: there.port }, remote: there };
    await expect(openForward(host.connection, [spec], { timeoutMs })).rejects.toThrow(
      `port ${there.port} of this machine is taken`,
    );
  });

  it("fails at once when it is not let in", async () => {
    const refused = { ...host.connection, keyFile: host.foreignKey };
    const spec = { local: { port: await freePort() }, remote: there };
    await expect(openForward(refused, [spec], { timeoutMs })).rejects.toThrow("refuses the key");
  });

  it("tells when the connection ends by itself", async () => {
    const other = await startSshd(["ClientAliveInterval 1"]);
    const port = await freePort();
    const forward = await openForward(other.connection, [{ local: { port }, remote: there }], { timeoutMs });
    // The sessions of an sshd outlive it.
    const sessions = execFileSync("ps", ["-eo", "pid=,args="]).toString().split("\n");
    const ours = sessions
      .filter((line) => line.includes(`127.0.0.1:${port}:`))
      .map((line) => Number.parseInt(line, 10));
    expect(ours).toHaveLength(1);
    for (const pid of ours) process.kill(pid);
    await expect(forward.failed).rejects.toThrow();
    expect(await listens({ port })).toBe(false);
    await forward.close();
    await other.stop();
  });

  it("stops waiting when it is cancelled", async () => {
    // Something that accepts and never speaks.
    const mute = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => mute.listen(port, "127.0.0.1", resolve));
    const controller = new AbortController();
    mute.once("connection", () => controller.abort(new Error("enough")));
    const spec = { local: { port: await freePort() }, remote: there };
    const connection = { ...host.connection, port };
    const opening = openForward(connection, [spec], { timeoutMs, signal: controller.signal });
    await expect(opening).rejects.toThrow("enough");
    mute.close();
  });
});
