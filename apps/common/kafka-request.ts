import { once } from "node:events";
import { connect as connectPlain, type Socket } from "node:net";
import { Reader, type Writer, Writer as Writers } from "@platformatic/kafka";

/** How a request is written and its response read; @platformatic/kafka has one for each version of each. */
export interface Codec<Args extends unknown[], Response> {
  /** Of a version whose headers have tagged fields. */
  readonly api: { readonly key: number; readonly version: number };
  createRequest(...args: Args): Writer;
  parseResponse(correlationId: number, key: number, version: number, reader: Reader): Response;
}

export interface AskOptions {
  /** Makes the connection; a plain TCP one when left out. */
  readonly connect?: ((host: string, port: number) => Socket) | undefined;
  readonly timeoutMs?: number;
}

const clientId = "edgelab-admin";
/** Before a response's body: its length, its correlation id, and how many tagged fields its header has. */
const lengthBytes = 4;
const headerBytes = 5;

/**
 * Asks one broker what kafkajs has no request for, over a connection of its own.
 *
 * @param address `host:port`
 * @throws when it does not answer, answers with an error, or does not know the request, for which it hangs up
 */
export async function ask<Args extends unknown[], Response>(
  address: string,
  { api, createRequest, parseResponse }: Codec<Args, Response>,
  args: Args,
  { connect = (host, port) => connectPlain({ host, port }), timeoutMs = 10_000 }: AskOptions = {},
): Promise<Response> {
  const { key, version } = api;
  const request = Writers.create()
    .appendInt16(key)
    .appendInt16(version)
    .appendInt32(1)
    .appendString(clientId, false)
    .appendTaggedFields()
    .appendFrom(createRequest(...args))
    .prependLength().buffer;
  const colon = address.lastIndexOf(":");
  const socket = connect(address.slice(0, colon), Number(address.slice(colon + 1)));
  // Whoever waits for the socket is told as well.
  socket.on("error", () => {});
  try {
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    if (socket.connecting) await once(socket, "connect");
    socket.write(request);
    const body = await responseOf(socket);
    return parseResponse(1, key, version, Reader.from(body.subarray(headerBytes)));
  } finally {
    socket.destroy();
  }
}

/** The first answer of those asked one after the other. @throws the last one's error when there is none */
export async function anyOf<T>(
  servers: readonly string[],
  question: (server: string) => Promise<T>,
): Promise<T> {
  let last: unknown = new Error("there is no broker to ask");
  for (const server of servers) {
    try {
      return await question(server);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

/** One response, without its length. */
async function responseOf(socket: Socket): Promise<Buffer> {
  let received = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    received = Buffer.concat([received, chunk]);
    const end = received.length < lengthBytes ? Infinity : lengthBytes + received.readInt32BE(0);
    if (received.length >= end) return received.subarray(lengthBytes, end);
  }
  throw new Error("the broker hung up");
}
