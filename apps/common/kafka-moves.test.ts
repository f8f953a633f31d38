import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProducer } from "./kafka.ts";
import { type KafkaAdmin, openAdmin } from "./kafka-admin.ts";
import { answers } from "./kafka-answers.ts";
import { waitFor } from "./retry.ts";
import { startBroker, type TestBroker } from "./testing/broker.ts";
import { freePort } from "./testing/free-ports.ts";

let broker: TestBroker;
let admin: KafkaAdmin;

beforeAll(async () => {
  broker = await startBroker();
  admin = await openAdmin({ ...broker, clientId: "test" });
  for (const name of ["a", "b", "empty"]) {
    await admin.createTopic({ name, partitions: 2, replication: 1, config: {} });
    await admin.awaitTopic({ name, partitions: 2, replication: 1 }, 60_000);
  }
}, 300_000);

afterAll(async () => {
  await admin?.close();
  await broker?.close();
});

describe("a cluster", () => {
  it("tells where its partitions are, and which of its nodes decides", async () => {
    const partitions = (await admin.partitions()).filter(({ topic }) => topic.length < 6);
    expect(partitions.map(({ topic, partition }) => `${topic}-${partition}`)).toEqual([
      "a-0",
      "a-1",
      "b-0",
      "b-1",
      "empty-0",
      "empty-1",
    ]);
    for (const one of partitions) expect(one).toMatchObject({ replicas: [0], inSync: [0], leader: 0 });
    expect(await admin.controller()).toBe(0);
    expect(await admin.moving()).toEqual([]);
  });

  it("counts the messages of several topics, of those that there are", async () => {
    const producer = createProducer({ ...broker, clientId: "test" });
    try {
      for (const topic of ["a", "a", "a", "b"]) {
        await producer.send({ topic, key: Buffer.from("k"), value: Buffer.from("v"), headers: {} });
      }
    } finally {
      await producer.close();
    }
    expect(await admin.messages(["a", "b", "empty", "not-there"])).toEqual(
      new Map([
        ["a", 3n],
        ["b", 1n],
        ["empty", 0n],
      ]),
    );
  });

  it("bounds moves until it is told otherwise, which is no setting of a topic's own", async () => {
    await admin.throttle(["a", "b"], 1_000_000);
    await throttledAre(["a", "b"]);
    expect((await admin.describeTopic("a"))?.config).toEqual({});
    await admin.unthrottle(["a", "b"]);
    await throttledAre([]);
  });
});

/** A broker applies what the controller has taken a moment later. */
async function throttledAre(topics: readonly string[]): Promise<void> {
  const same = async () => ((await admin.throttled()).sort().join() === topics.join() ? true : undefined);
  await waitFor(`${topics.length} topics to be bounded`, same, { timeoutMs: 10_000 });
}

describe("answers", () => {
  it("says whether a broker is there", async () => {
    const [address = ""] = broker.bootstrapServers;
    expect(await answers(address)).toBe(true);
    expect(await answers(`127.0.0.1:${await freePort()}`)).toBe(false);
  });

  it.each([
    ["ends", (socket: Socket) => socket.end()],
    ["resets", (socket: Socket) => socket.resetAndDestroy()],
  ])("does not take a tunnel for a broker that %s what it takes", async (_what, treat) => {
    const tunnel = createServer(treat).listen(0, "127.0.0.1");
    await once(tunnel, "listening");
    const { port } = tunnel.address() as AddressInfo;
    expect(await answers(`127.0.0.1:${port}`)).toBe(false);
    tunnel.close();
  });
});
