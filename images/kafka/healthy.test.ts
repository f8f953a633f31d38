import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const HEALTHY = join(import.meta.dirname, "bin/healthy");
const API_VERSIONS = "0000000a00120000" + "00000001ffff";
const METADATA = "0000000e00030001" + "00000002ffff00000000";
const DESCRIBE_CLUSTER = "0000000e003c0001" + "00000002ffff00000200";

interface Broker {
  id: number;
  host: string;
  rack?: string;
}

function framed(body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

function int(bytes: 2 | 4, value: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeIntBE(value, 0, bytes);
  return buffer;
}

const text = (value: string) => Buffer.concat([int(2, Buffer.byteLength(value)), Buffer.from(value)]);

/** ApiVersions response v0: correlation id, error, one API. */
function apiVersions(error: number): Buffer {
  return framed(Buffer.concat([int(4, 1), int(2, error), int(4, 1), int(2, 18), int(2, 0), int(2, 4)]));
}

/** Metadata response v1: correlation id, brokers, controller, no topics. */
function metadata(brokers: Broker[]): Buffer {
  const entries = brokers.map(({ id, host, rack }) =>
    Buffer.concat([int(4, id), text(host), int(4, 9092), rack === undefined ? int(2, -1) : text(rack)]),
  );
  return framed(Buffer.concat([int(4, 2), int(4, brokers.length), ...entries, int(4, 0), int(4, 0)]));
}

/** DescribeCluster response v1 of a controller: correlation id, no tags, no throttling, error, its message, the leader. */
function describeCluster(leader: number, error = 0): Buffer {
  const cluster = "AAAAAAAAAAAAAAAAAAAAAQ";
  const id = Buffer.concat([Buffer.from([cluster.length + 1]), Buffer.from(cluster)]);
  const parts = [int(4, 2), Buffer.from([0]), int(4, 0), int(2, error), Buffer.from([0, 2]), id];
  return framed(Buffer.concat([...parts, int(4, leader), Buffer.from([1]), int(4, 0), Buffer.from([0])]));
}

/** Runs the script as node 2 against a listener that answers each request in turn; null closes the connection. */
async function check(
  answers: (Buffer | null)[],
  given: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string; requests: string[] }> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // A client that has its answer may reset the connection; that is its right.
    socket.on("error", () => socket.destroy());
    let received = Buffer.alloc(0);
    socket.on("data", (data) => {
      received = Buffer.concat([received, data]);
      // A shell writes line by line, and a length of ten is the end of one: a request can come in two parts.
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE()) {
        const end = 4 + received.readInt32BE();
        const answer = answers[requests.length];
        requests.push(received.toString("hex", 0, end));
        received = received.subarray(end);
        if (answer === null) socket.end();
        else if (answer !== undefined) socket.write(answer);
      }
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const child = spawn("bash", [HEALTHY, String(port)], {
    env: { ...process.env, KAFKA_CFG_NODE_ID: "2", KAFKA_DATA: import.meta.dirname, ...given },
  });
  let stdout = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, "close");
  for (const socket of sockets) socket.destroy();
  server.close();
  return { code, stdout, stderr, requests };
}

describe("healthy", () => {
  it("passes when the broker is among the live ones, with and without racks, last of several", async () => {
    const brokers = [
      { id: 0, host: "edgelab-dev-kafka-0", rack: "shed" },
      { id: 1, host: "b" },
      { id: 2, host: "c" },
    ];
    const { code, stderr, requests } = await check([apiVersions(0), metadata(brokers)]);
    expect({ code, stderr, requests }).toEqual({ code: 0, stderr: "", requests: [API_VERSIONS, METADATA] });
  });

  it("warns, and passes, when the disk is nearly full", async () => {
    const answers = [apiVersions(0), metadata([{ id: 2, host: "c" }])];
    const low = await check(answers, { KAFKA_DISK_LOW_MB: "1000000000" });
    expect(low.code).toBe(0);
    expect(low.stdout).toMatch(/^broker 2: its disk has \d+ MB left; with none, all brokers on it stop\n$/);
    expect((await check(answers, { KAFKA_DISK_LOW_MB: "0" })).stdout).toBe("");
  });

  it("fails while the broker is fenced: others are live, it is not", async () => {
    const { code, stderr } = await check([
      apiVersions(0),
      metadata([
        { id: 0, host: "a" },
        { id: 1, host: "b" },
      ]),
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/broker 2: .*still starting, or fenced/);
  });

  it("fails when no broker is live", async () => {
    expect((await check([apiVersions(0), metadata([])])).code).toBe(1);
  });

  it("passes for a controller that is no broker while the quorum has a leader, whichever", async () => {
    const given = { KAFKA_CFG_PROCESS_ROLES: "controller" };
    const { code, stderr, requests } = await check([apiVersions(0), describeCluster(100)], given);
    expect({ code, stderr, requests }).toEqual({
      code: 0,
      stderr: "",
      requests: [API_VERSIONS, DESCRIBE_CLUSTER],
    });
    const alone = await check([apiVersions(0), describeCluster(-1)], given);
    expect([alone.code, alone.stderr]).toEqual([1, "controller 2: the quorum has no leader\n"]);
    expect((await check([apiVersions(0), describeCluster(100, 35)], given)).stderr).toContain("error 35");
  });

  it("takes the id of a broker that ZooKeeper coordinates", async () => {
    const given = { KAFKA_CFG_NODE_ID: "", KAFKA_CFG_BROKER_ID: "7" };
    const { code } = await check([apiVersions(0), metadata([{ id: 7, host: "c" }])], given);
    expect(code).toBe(0);
  });

  it("fails with the broker's error", async () => {
    const { code, stderr } = await check([apiVersions(35)]);
    expect(code).toBe(1);
    expect(stderr).toContain("error 35");
  });

  it("fails when the connection is closed without an answer", async () => {
    const { code, stderr } = await check([null]);
    expect(code).toBe(1);
    expect(stderr).toContain("closed");
  });

  it("fails in bounded time when nothing is answered", async () => {
    const { code, stderr } = await check([]);
    expect(code).toBe(1);
    expect(stderr).toContain("no answer");
  });

  it("fails when nothing listens", async () => {
    const child = spawn("bash", [HEALTHY, "1"], { env: { ...process.env, KAFKA_CFG_NODE_ID: "2" } });
    const [code] = await once(child, "close");
    expect(code).toBe(1);
  });
});
