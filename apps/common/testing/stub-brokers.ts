import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { Reader, readRecordsBatches, Writer } from "@platformatic/kafka";

/** What of Kafka's protocol a producer needs: by API key, the one version that is answered. */
const apis = { produce: [0, 9], metadata: [3, 9], versions: [18, 3], producerId: [22, 3] } as const;
const notLeader = 6;

/** Brokers of one topic that take messages for the partitions that they lead, and say so where they do not. */
export interface StubBrokers {
  readonly bootstrapServers: readonly string[];
  /** Which broker leads each partition, by their numbers from 0. */
  leaders: readonly number[];
  /** Called with each request to store messages, before it is answered. */
  onProduce: () => void;
  /** Values as they were stored, by partition. */
  readonly stored: readonly string[][];
  /** Times that a broker was asked to store for a partition that another one leads. */
  readonly refused: number;
  close(): void;
}

export async function startStubBrokers(topic: string, leaders: readonly number[]): Promise<StubBrokers> {
  const stored: string[][] = leaders.map(() => []);
  const sockets = new Set<Socket>();
  const servers = [...new Set([0, 1, ...leaders])].map((id) =>
    listener(sockets, (request) => answer(id, request)),
  );
  await Promise.all(servers.map((server) => once(server.listen(0, "127.0.0.1"), "listening")));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  let refused = 0;
  const brokers = {
    bootstrapServers: ports.map((port) => `127.0.0.1:${port}`),
    leaders,
    onProduce: () => {},
    stored,
    get refused() {
      return refused;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      for (const server of servers) server.close();
    },
  };
  return brokers;

  function answer(id: number, request: Reader): Writer {
    const [apiKey, , correlation] = [request.readInt16(), request.readInt16(), request.readInt32()];
    request.skip(request.readInt16()).readTaggedFields();
    const response = Writer.create().appendInt32(correlation);
    if (apiKey === apis.versions[0]) return versions(response);
    response.appendTaggedFields();
    if (apiKey === apis.metadata[0]) return metadata(response);
    if (apiKey === apis.producerId[0]) {
      return response.appendInt32(0).appendInt16(0).appendInt64(1n).appendInt16(0).appendTaggedFields();
    }
    return produce(response, id, request);
  }

  function metadata(response: Writer): Writer {
    return response
      .appendInt32(0)
      .appendArray([...ports.entries()], (w, [id, port]) =>
        w.appendInt32(id).appendString("127.0.0.1").appendInt32(port).appendString(null),
      )
      .appendString("stub")
      .appendInt32(0)
      .appendArray([topic], (w) =>
        w
          .appendInt16(0)
          .appendString(topic)
          .appendBoolean(false)
          .appendArray([...brokers.leaders.entries()], (p, [partition, leader]) => {
            p.appendInt16(0).appendInt32(partition).appendInt32(leader).appendInt32(0);
            for (const nodes of [[leader], [leader], []])
              p.appendArray(nodes, (n, node) => n.appendInt32(node), true, false);
          })
          .appendInt32(0),
      )
      .appendInt32(0)
      .appendTaggedFields();
  }

  function produce(response: Writer, id: number, request: Reader): Writer {
    brokers.onProduce();
    request.readNullableString();
    request.skip(2 + 4);
    const partitions = request
      .readArray((r) => {
        r.readString();
        return r.readArray(() => {
          const partition = r.readInt32();
          const bytes = r.readUnsignedVarInt() - 1;
          const records = Reader.from(Buffer.from(r.buffer.slice(r.position, r.position + bytes)));
          r.skip(bytes);
          const isLeader = brokers.leaders[partition] === id;
          if (!isLeader) refused += 1;
          else
            for (const batch of readRecordsBatches(records))
              stored[partition]?.push(...batch.records.map(({ value }) => String(value)));
          return { partition, error: isLeader ? 0 : notLeader };
        });
      })
      .flat();
    return response
      .appendArray([topic], (w) =>
        w.appendString(topic).appendArray(partitions, (p, { partition, error }) =>
          p
            .appendInt32(partition)
            .appendInt16(error)
            .appendInt64(0n)
            .appendInt64(-1n)
            .appendInt64(0n)
            .appendArray([], () => {})
            .appendString(null),
        ),
      )
      .appendInt32(0)
      .appendTaggedFields();
  }
}

function versions(response: Writer): Writer {
  return response
    .appendInt16(0)
    .appendArray(Object.values(apis), (w, [key, version]) =>
      w.appendInt16(key).appendInt16(version).appendInt16(version),
    )
    .appendInt32(0)
    .appendTaggedFields();
}

/** Answers requests of a connection one after the other; each has its length before it. */
function listener(sockets: Set<Socket>, answer: (request: Reader) => Writer): Server {
  return createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    let received = Buffer.alloc(0);
    socket.on("data", (data) => {
      received = Buffer.concat([received, data]);
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE()) {
        const end = 4 + received.readInt32BE();
        const response = answer(Reader.from(Buffer.from(received.subarray(4, end))));
        received = received.subarray(end);
        socket.write(response.prependLength().buffer);
      }
    });
  });
}
