import { once } from "node:events";
import { connect as connectPlain, type Socket } from "node:net";

/** ApiVersions v0 without a client id, which every listener of Kafka answers (https://kafka.apache.org/protocol.html). */
const apiVersions = Buffer.from("0000000a0012000000000001ffff", "hex");

/** Whether Kafka answers there. That it takes a connection says nothing: a tunnel takes it, whoever is at its end. */
export async function answers(
  address: string,
  connect: (host: string, port: number) => Socket = (host, port) => connectPlain({ host, port }),
): Promise<boolean> {
  const colon = address.lastIndexOf(":");
  const socket = connect(address.slice(0, colon), Number(address.slice(colon + 1)));
  try {
    socket.setTimeout(5000, () => socket.destroy(new Error("no answer")));
    if (socket.connecting) await once(socket, "connect");
    socket.write(apiVersions);
    const { done } = await socket[Symbol.asyncIterator]().next();
    return done !== true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
