import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLogger } from "./logging.ts";
import { consumeMqtt, createMqttPublisher, type MqttConsumer, type MqttConsumerOptions } from "./mqtt.ts";
import { waitFor } from "./retry.ts";
import { startMosquitto, type TestMosquitto } from "./testing/mosquitto.ts";

const timeoutMs = 60_000;
const log = createLogger({ app: "test", level: "fatal", environment: "test" });
let server: TestMosquitto;
beforeAll(async () => {
  server = await startMosquitto({
    writer: ["topic write t/#"],
    reader: ["topic read t/#"],
  });
});
afterAll(() => server.close());

const ending = new AbortController();
const base = (user: string, clientId: string) => ({
  host: server.host,
  port: server.port,
  user,
  password: server.password,
  clientId,
  log,
  signal: ending.signal,
});

function consume(
  clientId: string,
  filter: string,
  onMessage: (text: string) => Promise<void>,
  more: Partial<MqttConsumerOptions> = {},
): MqttConsumer {
  return consumeMqtt({
    ...base("reader", clientId),
    filter,
    receiveMaximum: 5,
    onMessage: ({ payload }) => onMessage(payload.toString()),
    ...more,
  });
}

/** Resolves when a part said that all is well. */
function ready() {
  const well = Promise.withResolvers<void>();
  return { promise: well.promise, onState: (problem?: string) => problem === undefined && well.resolve() };
}

describe("MQTT", () => {
  it("hands messages over in order, one at a time, and again those whose handling fails", async () => {
    const seen: string[] = [];
    let running = 0;
    let failed = false;
    const up = ready();
    const consumer = consume(
      "in-order",
      "t/order/+",
      async (text) => {
        running += 1;
        expect(running).toBe(1);
        await new Promise(setImmediate);
        running -= 1;
        if (text === "3" && !failed) {
          failed = true;
          throw new Error("not yet");
        }
        seen.push(text);
      },
      { onState: up.onState },
    );
    await up.promise;
    const publisher = createMqttPublisher(base("writer", "order-writer"));
    const all = Array.from({ length: 30 }, (_, index) => String(index));
    await Promise.all(all.map((text) => publisher.publish("t/order/a", text)));
    await waitFor("all messages", async () => (seen.length >= 30 ? true : undefined), { timeoutMs });
    expect(seen).toEqual(all);
    expect(failed).toBe(true);
    await Promise.all([consumer.close(), publisher.close()]);
  });

  it("keeps what was not acknowledged for whoever takes the session up", async () => {
    const up = ready();
    const stuck = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const own = new AbortController();
    const first = consume(
      "handed-on",
      "t/handed/+",
      async () => {
        reached.resolve();
        await stuck.promise;
      },
      { onState: up.onState, signal: own.signal },
    );
    await up.promise;
    const publisher = createMqttPublisher(base("writer", "handed-writer"));
    for (const text of ["a", "b", "c"]) await publisher.publish("t/handed/x", text);
    await reached.promise;
    const seen: string[] = [];
    // The same id: the broker ends the first one's connection.
    const second = consume("handed-on", "t/handed/+", async (text) => void seen.push(text));
    own.abort(new Error("the test has ended"));
    await waitFor("all three", async () => (seen.length >= 3 ? true : undefined), { timeoutMs });
    expect(seen).toEqual(["a", "b", "c"]);
    stuck.resolve();
    await Promise.all([first.close(), second.close(), publisher.close()]);
  });

  it("sends a message again until somebody has subscribed, and over a restart of the broker", async () => {
    const problems: string[] = [];
    const publisher = createMqttPublisher({
      ...base("writer", "early-writer"),
      onState: (problem) => problem !== undefined && problems.push(problem),
    });
    const sent = publisher.publish("t/early/x", "first");
    await waitFor("nobody", async () => problems.find((one) => /nobody has subscribed/.test(one)), {
      timeoutMs,
    });
    const seen: string[] = [];
    const consumer = consume("late", "t/early/+", async (text) => void seen.push(text));
    await sent;
    await server.stop("SIGTERM");
    const later = publisher.publish("t/early/x", "second");
    await server.start();
    await later;
    await waitFor("both", async () => (seen.includes("second") ? true : undefined), { timeoutMs });
    expect([...new Set(seen)]).toEqual(["first", "second"]);
    await Promise.all([consumer.close(), publisher.close()]);
  });

  it("says so where the broker lets it do nothing", async () => {
    const told = Promise.withResolvers<string>();
    const own = new AbortController();
    const publisher = createMqttPublisher({
      ...base("reader", "not-a-writer"),
      onState: (problem) => problem !== undefined && told.resolve(problem),
      signal: own.signal,
    });
    const refused = publisher.publish("t/x", "no");
    expect(await told.promise).toMatch(/Not authorized/i);
    own.abort(new Error("the test has ended"));
    await expect(refused).rejects.toThrow("the test has ended");
    await publisher.close();
  });
});
