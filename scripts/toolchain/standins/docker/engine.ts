import { spawn } from "node:child_process";
import { request } from "node:http";
import { createInterface } from "node:readline";
import { Duplex, type Readable, type Writable } from "node:stream";
import type { z } from "zod";
import { throughSocket } from "./engine-ssh.ts";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface Outcome {
  readonly code: number | null;
  /** Standard output and standard error, line by line as they came. */
  readonly lines: readonly string[];
}

export interface RunOptions {
  readonly input?: Buffer;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  onLine?(line: string): void;
}

/**
 * A Docker engine, reached by the `docker` command, which speaks unix://, tcp:// and ssh:// by itself. Its API is
 * called through `docker system dial-stdio` (what the command itself uses over ssh): requests go by standard input,
 * so nothing of them shows in a process list.
 */
export class Engine {
  #host: string | undefined;
  #connection: (() => Promise<readonly string[]>) | undefined;

  /**
   * @param host as in DOCKER_HOST; undefined means the docker command's own default
   * @param sshOptions options of the ssh command, for an engine reached by ssh://
   */
  connect(host: string | undefined, sshOptions: readonly string[] = []): void {
    this.#host = host;
    const flags = host === undefined ? [] : ["--host", host];
    // One connection for everything: the docker command would open one for each call, and sshd drops some of many.
    this.#connection = host?.startsWith("ssh://")
      ? throughSocket(host, sshOptions)
      : () => Promise.resolve(flags);
  }

  #flags(): Promise<readonly string[]> {
    if (this.#connection === undefined)
      throw new Error("the address of the Docker engine (host) is not known yet");
    return this.#connection();
  }

  /** The docker command for this engine, as a person would type it. */
  commandLine(): string {
    return this.#host === undefined ? "docker" : `docker --host ${this.#host}`;
  }

  /** One call of the engine's API. @throws when the engine does not answer, with what docker said about it */
  async api(method: string, path: string, body?: unknown): Promise<Answer> {
    const child = spawn("docker", [...(await this.#flags()), "system", "dial-stdio"]);
    const complaints: string[] = [];
    child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk.toString()));
    const closed = new Promise<void>((resolve) => {
      child.once("error", (error) =>
        complaints.push(`cannot run docker (${error.message}), see ./scripts/doctor`),
      );
      child.once("close", resolve);
    });
    try {
      return await exchange(child.stdin, child.stdout, method, path, body);
    } catch (error) {
      // A broken pipe is only the symptom: docker ends after it has written why.
      await closed;
      const reason = complaints.join("").trim();
      throw new Error(`${this.commandLine()}: ${reason === "" ? String(error) : reason}`, { cause: error });
    } finally {
      child.kill();
    }
  }

  /** An API call whose answer is read by a schema. @returns undefined when the thing does not exist */
  async inspect<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const answer = await this.api("GET", path);
    if (answer.status === 404) return undefined;
    return schema.parse(JSON.parse(this.#success(answer, `GET ${path}`)));
  }

  /** An API call that must succeed; statuses in `tolerated` (as 404 on removal) count as success. */
  async call(
    method: string,
    path: string,
    body?: unknown,
    tolerated: readonly number[] = [],
  ): Promise<string> {
    const answer = await this.api(method, path, body);
    if (tolerated.includes(answer.status)) return answer.body;
    return this.#success(answer, `${method} ${path}`);
  }

  #success({ status, body }: Answer, what: string): string {
    if (status < 400) return body;
    throw new Error(`${this.commandLine()}: ${what.split("?")[0]} answered ${status}: ${messageOf(body)}`);
  }

  /** Runs a docker command to its end. Only for arguments that are no secrets. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    const child = spawn("docker", [...(await this.#flags()), ...args], {
      env: { ...process.env, ...options.env },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        lines.push(line);
        options.onLine?.(line);
      });
    }
    // When docker ends before it has read everything, its exit code tells why.
    child.stdin.on("error", () => {});
    child.stdin.end(options.input);
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ code, lines }));
    });
  }

  /** Lines of `docker events` from now on; ends with the signal. Resolves once docker is listening. */
  async events(filters: readonly string[], signal: AbortSignal): Promise<AsyncIterable<string>> {
    const since = await this.api("GET", "/info");
    const { SystemTime } = JSON.parse(since.body) as { SystemTime: string };
    const args = ["events", "--since", SystemTime, ...filters.flatMap((filter) => ["--filter", filter])];
    const child = spawn("docker", [...(await this.#flags()), ...args], {
      signal,
      stdio: ["ignore", "pipe", "ignore"],
    });
    // Aborting is the way this ends.
    child.on("error", () => {});
    // Taken at once, so that lines that come before anybody reads are kept.
    return createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }
}

/** A command's standard streams as one connection: ends when the command's output does, not before. */
function connectionOf(writable: Writable, readable: Readable): Duplex {
  // A broken pipe reaches the writer by its callback.
  writable.on("error", () => {});
  const connection = new Duplex({
    read: () => readable.resume(),
    write: (chunk, encoding, done) => writable.write(chunk, encoding, done),
  });
  readable.on("data", (chunk) => connection.push(chunk) || readable.pause());
  readable.once("end", () => connection.push(null));
  return connection;
}

/** One HTTP exchange on a connection that is already there. */
function exchange(
  writable: Writable,
  readable: Readable,
  method: string,
  path: string,
  body: unknown,
): Promise<Answer> {
  const text = body === undefined ? "" : JSON.stringify(body);
  const headers = { host: "docker", connection: "close", "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const call = request(
      {
        method,
        path,
        headers: { ...headers, "content-length": Buffer.byteLength(text) },
        createConnection: () => connectionOf(writable, readable),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        );
      },
    );
    // Stays for the whole exchange: one failure may be told of twice, by the socket and by the request.
    call.on("error", reject);
    call.end(text);
  });
}

function messageOf(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null && "message" in parsed
      ? String(parsed.message)
      : body;
  } catch {
    return body;
  }
}
