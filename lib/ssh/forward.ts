import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { connect } from "node:net";
import { setTimeout as after } from "node:timers/promises";
import { bracketed, destination, sshOptions } from "./arguments.ts";
import type { Connection } from "./connection.ts";
import { SshError } from "./run.ts";

/** A port of the loopback address or a socket of this machine, and what it leads to as seen from the other one. */
export interface ForwardSpec {
  readonly local: { readonly port: number } | { readonly socketPath: string };
  readonly remote: { readonly address: string; readonly port: number } | { readonly socketPath: string };
}

export interface OpenForward {
  /** Ends the connection and removes the sockets. */
  close(): Promise<void>;
  /** Rejects when the connection ends by itself; never resolves. */
  readonly failed: Promise<never>;
}

export interface ForwardOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Options of ssh in place of the connection's own. */
  readonly options?: readonly string[];
}

const pollMs = 50;

/**
 * One ssh connection that carries any number of forwards.
 *
 * @returns when every one of them accepts connections here
 * @throws SshError when it cannot be made, or a local port is taken
 */
export async function openForward(
  connection: Connection,
  forwards: readonly ForwardSpec[],
  { timeoutMs, signal, options = sshOptions(connection) }: ForwardOptions,
): Promise<OpenForward> {
  for (const { local } of forwards) {
    if ("port" in local && (await answers(local))) {
      throw new Error(
        `port ${local.port} of this machine is taken: see by what with \`ss -ltnp sport = :${local.port}\``,
      );
    }
  }
  const specs = forwards.flatMap(({ local, remote }) => ["-L", `${localOf(local)}:${remoteOf(remote)}`]);
  const flags = ["-T", "-o", "ExitOnForwardFailure=yes", "-o", "StreamLocalBindUnlink=yes"];
  // The command there ends with our end of its input, so the connection ends with this process, however that ends.
  const child = spawn("ssh", [...flags, ...specs, ...options, ...destination(connection), "exec cat"], {
    stdio: ["pipe", "ignore", "pipe"],
    env: { ...process.env, LC_ALL: "C" },
  });
  const errors: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => {
    errors.push(chunk.toString());
    if (errors.length > 100) errors.shift();
  });
  child.stdin.on("error", () => {});
  let closing = false;
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const failed = new Promise<never>((_, reject) => {
    child.on("error", (error) => errors.push(error.message));
    child.on("close", (code) => {
      if (!closing) reject(new SshError(connection, { code, stdout: "", stderr: errors.join("") }));
    });
  });
  // Whoever opened it may look at this late, or never.
  failed.catch(() => {});
  const close = async () => {
    closing = true;
    child.kill();
    await ended;
    const sockets = forwards.flatMap(({ local }) => ("port" in local ? [] : [local.socketPath]));
    await Promise.all(sockets.map((path) => rm(path, { force: true })));
  };
  const settled = new AbortController();
  try {
    const signals = [AbortSignal.timeout(timeoutMs), settled.signal, ...(signal ? [signal] : [])];
    const deadline = AbortSignal.any(signals);
    await Promise.race([failed, Promise.all(forwards.map(({ local }) => accepts(local, deadline)))]);
    return { close, failed };
  } catch (error) {
    await close();
    if (error instanceof SshError) throw error;
    signal?.throwIfAborted();
    throw timeoutError(connection, timeoutMs, errors);
  } finally {
    // When ssh has ended, nothing is left to wait for.
    settled.abort();
  }
}

function timeoutError(connection: Connection, timeoutMs: number, errors: readonly string[]): SshError {
  const stderr = errors.join("") || `timed out after ${timeoutMs / 1000} s`;
  return new SshError(connection, { code: null, stdout: "", stderr });
}

function localOf(local: ForwardSpec["local"]): string {
  return "port" in local ? `127.0.0.1:${local.port}` : local.socketPath;
}

function remoteOf(remote: ForwardSpec["remote"]): string {
  return "port" in remote ? `${bracketed(remote.address)}:${remote.port}` : remote.socketPath;
}

/** Resolves when something accepts connections there. ssh does so only once it is logged in. */
async function accepts(local: ForwardSpec["local"], deadline: AbortSignal): Promise<void> {
  while (!(await answers(local))) await after(pollMs, undefined, { signal: deadline });
}

function answers(local: ForwardSpec["local"]): Promise<boolean> {
  const target = "port" in local ? { host: "127.0.0.1", port: local.port } : { path: local.socketPath };
  return new Promise((resolve) => {
    const socket = connect(target);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
