import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An HTTP server on the loopback, for as long as a test needs it. */
export interface TestCamera extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  readonly requests: IncomingMessage[];
}

/** @param port 0 for any that is free */
export async function testCamera(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  port = 0,
): Promise<TestCamera> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const { port: chosen } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    if (!server.listening) return;
    server.close();
    await once(server, "close");
  };
  return {
    url: `http://127.0.0.1:${chosen}/`,
    port: chosen,
    server,
    requests,
    [Symbol.asyncDispose]: close,
  };
}

/** One part with its boundary before it. @param declared Content-Length; without it none is written */
export function part(jpeg: Buffer, boundary = "--b", declared?: number): Buffer {
  const length = declared === undefined ? "" : `Content-Length: ${declared}\r\n`;
  return Buffer.concat([
    Buffer.from(`${boundary}\r\nContent-Type: image/jpeg\r\n${length}\r\n`),
    jpeg,
    Buffer.from("\r\n"),
  ]);
}

export const multipartHead = { "content-type": "multipart/x-mixed-replace; boundary=b" };
