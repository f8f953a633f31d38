import type { ServerResponse } from "node:http";

/** Most clients at a time; a camera's own limit is lower still. */
const maxClients = 32;
const boundary = "edgelab-frame";

export interface BroadcastOptions {
  /** Every so many parts one is cut off in the middle; 0 for none. */
  readonly truncateEvery: number;
  /** Whether parts say their Content-Length. */
  readonly contentLength: boolean;
  /** Told of each frame that a client did not get because it still had not taken the one before. */
  readonly onSkipped: () => void;
}

/**
 * Sends each frame to every client that is connected, as `multipart/x-mixed-replace`. A client that has not yet taken
 * a frame skips the next ones, so that each costs one frame of memory at most and none slows another.
 */
export class Broadcast {
  readonly #options: BroadcastOptions;
  readonly #clients = new Set<ServerResponse>();
  #parts = 0;
  #arrival = Promise.withResolvers<void>();

  constructor(options: BroadcastOptions) {
    this.#options = options;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Resolves once there is a client. */
  get anyone(): Promise<void> {
    return this.#arrival.promise;
  }

  /** Takes a client in, until it goes; one too many is told so. */
  add(response: ServerResponse): void {
    if (this.#clients.size >= maxClients) {
      response
        .writeHead(503, { "content-type": "text/plain" })
        .end(`${maxClients} clients are connected already\n`);
      return;
    }
    // As cameras do it: the body ends with the connection.
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
    response.writeHead(200, {
      "content-type": `multipart/x-mixed-replace; boundary=${boundary}`,
      "cache-control": "no-store",
    });
    response.flushHeaders();
    response.socket?.setNoDelay(true);
    // A client that breaks off is none of the camera's failures.
    response.on("error", () => response.destroy());
    response.on("close", () => {
      this.#clients.delete(response);
      if (this.#clients.size === 0) this.#arrival = Promise.withResolvers();
    });
    this.#clients.add(response);
    this.#arrival.resolve();
  }

  /** @param headers further headers of the part */
  send(jpeg: Buffer, headers: Readonly<Record<string, string>>): void {
    const { truncateEvery, contentLength, onSkipped } = this.#options;
    this.#parts += 1;
    const cut = truncateEvery > 0 && this.#parts % truncateEvery === 0;
    const lines = Object.entries({
      "Content-Type": "image/jpeg",
      ...(contentLength ? { "Content-Length": String(jpeg.length) } : {}),
      ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `--${boundary}\r\n${lines.join("")}\r\n`;
    const body = cut ? jpeg.subarray(0, jpeg.length >> 1) : jpeg;
    for (const client of this.#clients) {
      if (client.writableLength > 0) {
        onSkipped();
        continue;
      }
      client.cork();
      client.write(head, "latin1");
      client.write(body);
      client.write("\r\n");
      client.uncork();
    }
  }

  /** Breaks off with every client. */
  close(): void {
    for (const client of this.#clients) client.destroy();
  }
}
