import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** One video track with RTP payload 26, JPEG (RFC 2435, RFC 3551). */
const sdp = [
  "v=0",
  "o=- 0 0 IN IP4 127.0.0.1",
  "s=test",
  "t=0 0",
  "m=video 0 RTP/AVP 26",
  "a=control:track0",
  "",
].join("\r\n");

export interface RtspCamera extends AsyncDisposable {
  readonly url: string;
  /** First lines of the requests, and their `Transport`. */
  readonly requests: string[];
}

/**
 * A camera that speaks RTSP 1.0 (RFC 2326) with RTP inside the TCP connection (§10.12), and nothing but that; FFmpeg
 * makes its pictures.
 * @param authorization what `Authorization` must be
 */
export async function rtspCamera(authorization: string): Promise<RtspCamera> {
  const requests: string[] = [];
  const connections = new Set<Socket>();
  const server = createServer((connection) => {
    connections.add(connection.on("error", () => connection.destroy()));
    let received = Buffer.alloc(0);
    connection.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      for (;;) {
        // "$", channel, length: RTCP of the client.
        if (received[0] === 0x24) {
          if (received.length < 4 || received.length < 4 + received.readUInt16BE(2)) return;
          received = received.subarray(4 + received.readUInt16BE(2));
          continue;
        }
        const end = received.indexOf("\r\n\r\n");
        if (end < 0) return;
        const request = received.toString("utf8", 0, end);
        received = received.subarray(end + 4);
        requests.push([request.split("\r\n")[0], /^Transport: .*/m.exec(request)?.[0]].join(" "));
        connection.write(answerTo(request, authorization));
        if (request.startsWith("PLAY")) void stream(connection);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `rtsp://127.0.0.1:${port}/stream`,
    requests,
    [Symbol.asyncDispose]: async () => {
      for (const connection of connections) connection.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function answerTo(request: string, authorization: string): string {
  const field = (name: string) => new RegExp(`^${name}: *(.*)$`, "im").exec(request)?.[1]?.trim();
  const head = (status: string, ...lines: string[]) =>
    [`RTSP/1.0 ${status}`, `CSeq: ${field("CSeq")}`, ...lines, "", ""].join("\r\n");
  const method = request.split(" ")[0];
  if (method === "OPTIONS") return head("200 OK", "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN");
  if (field("Authorization") !== authorization) {
    return head("401 Unauthorized", 'WWW-Authenticate: Basic realm="camera"');
  }
  if (method === "DESCRIBE") {
    return `${head("200 OK", "Content-Type: application/sdp", `Content-Length: ${sdp.length}`)}${sdp}`;
  }
  if (method !== "SETUP") return head("200 OK", "Session: 1");
  if (!field("Transport")?.includes("RTP/AVP/TCP")) return head("461 Unsupported Transport");
  return head("200 OK", "Session: 1", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1");
}

/** Sends RTP packets that FFmpeg makes into the connection, until it closes. */
async function stream(connection: Socket): Promise<void> {
  const packets = createSocket("udp4").bind(0, "127.0.0.1");
  await once(packets, "listening");
  packets.on("message", (packet) => {
    const head = Buffer.from([0x24, 0, 0, 0]);
    head.writeUInt16BE(packet.length, 2);
    connection.write(Buffer.concat([head, packet]));
  });
  const input = ["-re", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=25"];
  // RFC 2435 leaves the Huffman tables out: they must be the standard's.
  const codec = ["-c:v", "mjpeg", "-huffman", "default", "-pix_fmt", "yuvj420p"];
  const output = ["-f", "rtp", `rtp://127.0.0.1:${packets.address().port}`];
  const maker = spawn("ffmpeg", ["-v", "error", "-nostdin", ...input, ...codec, ...output], {
    stdio: "ignore",
  });
  connection.once("close", () => {
    maker.kill("SIGKILL");
    packets.close();
  });
}
