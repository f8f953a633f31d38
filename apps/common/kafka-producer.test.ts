import { createServer } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { createProducer } from "./kafka-producer.ts";
import { startStubBrokers } from "./testing/stub-brokers.ts";

describe("createProducer", () => {
  it("says that it is stuck while no broker takes a message, and rejects the message when it is closed", async () => {
    // Takes connections and closes them, as a broker does that is going down.
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no address");
    const problem = Promise.withResolvers<string | undefined>();
    const producer = createProducer({
      bootstrapServers: [`127.0.0.1:${address.port}`],
      clientId: "test",
      unsentMs: 50,
      onState: problem.resolve,
    });
    const sent = producer.send({ topic: "t", value: "x" });
    const refused = expect(sent).rejects.toThrow();
    expect(await problem.promise).toMatch(/^Kafka has not taken messages for \d+ s: /);
    expect(producer.bufferedBytes).toBeGreaterThan(0);
    await producer.close(0);
    await refused;
    expect(producer.bufferedBytes).toBe(0);
    server.close();
  });

  it("sends to each partition's leader what was one leader's when it was grouped, and lets nothing wait behind it", async () => {
    const brokers = await startStubBrokers("t", [0, 0]);
    const producer = createProducer({ bootstrapServers: brokers.bootstrapServers, clientId: "test" });
    await producer.send({ topic: "t", partition: 0, value: "first" });
    // From here on nobody tells the producer but the brokers' refusals.
    brokers.onProduce = () => {
      brokers.leaders = [0, 1];
    };
    const values = ["a", "b", "c", "d", "e", "f"];
    await Promise.all(
      values.map((value, index) => producer.send({ topic: "t", partition: index % 2, value })),
    );
    await producer.send({ topic: "t", partition: 1, value: "last" });
    await producer.close();
    brokers.close();
    expect(brokers.refused).toBeGreaterThan(0);
    expect([...new Set(brokers.stored[0])]).toEqual(["first", "a", "c", "e"]);
    expect([...new Set(brokers.stored[1])]).toEqual(["b", "d", "f", "last"]);
  });

  it("finds out that a topic has grown without any message that fails or waits for it", async () => {
    const brokers = await startStubBrokers("t", [0, 1]);
    brokers.leaders = [0];
    const producer = createProducer({
      bootstrapServers: brokers.bootstrapServers,
      clientId: "test",
      lookEveryMs: 20,
    });
    // Numbers of partitions are counted modulo those that there are.
    await producer.send({ topic: "t", partition: 1, value: "one partition" });
    expect(brokers.stored).toEqual([["one partition"], []]);
    brokers.leaders = [0, 1];
    await vi.waitFor(
      async () => {
        await producer.send({ topic: "t", partition: 1, value: "two partitions" });
        expect(brokers.stored[1]).toContain("two partitions");
      },
      { timeout: 10_000, interval: 20 },
    );
    await producer.close();
    brokers.close();
    expect(brokers.refused).toBe(0);
  });
});
