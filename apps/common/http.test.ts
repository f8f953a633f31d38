import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { Health } from "./health.ts";
import { createHttpServer, listen } from "./http.ts";
import { createMetrics } from "./metrics.ts";

const health = new Health(["kafka", "postgres"]);
const metrics = createMetrics("test");
const server = createHttpServer({ health, metrics });
const get = (url: string) => server.inject({ method: "GET", url });

describe("createHttpServer", () => {
  afterEach(() => metrics.registry.resetMetrics());

  it("is unhealthy until the last part works, and says which parts do not", async () => {
    health.ok("kafka");
    const before = await get("/healthz");
    expect([before.statusCode, before.json()]).toEqual([
      503,
      { status: "failing", problems: { postgres: "starting" } },
    ]);
    health.ok("postgres");
    expect((await get("/healthz")).statusCode).toBe(200);
  });

  it("turns unhealthy again with a reason", async () => {
    health.fail("kafka", "no broker answers");
    expect((await get("/healthz")).json()).toMatchObject({ problems: { kafka: "no broker answers" } });
  });

  it("stays healthy where something is missing that the app can do without, and says what", async () => {
    health.ok("postgres");
    health.warn("kafka", "one broker of three does not answer");
    const { statusCode, body } = await get("/healthz");
    expect([statusCode, JSON.parse(body)]).toEqual([
      200,
      { status: "ok", warnings: { kafka: "one broker of three does not answer" } },
    ]);
    health.ok("kafka");
    expect((await get("/healthz")).json()).toEqual({ status: "ok" });
  });

  it("serves the app's metrics beside those of the process", async () => {
    metrics.counter("things_total", "Things.", ["kind"]).inc({ kind: "round" }, 2);
    const { body } = await get("/metrics");
    expect(body).toContain('things_total{kind="round",app="test"} 2');
    expect(body).toContain("nodejs_eventloop_lag_mean_seconds");
  });
});

describe("a request that stays half-open", () => {
  it.each([
    ["in its body", "POST /healthz HTTP/1.1\r\nHost: lab\r\nContent-Length: 10\r\n\r\nabc"],
    ["in its head", "GET /healthz HTTP/1.1\r\nHost: l"],
  ])("%s is answered 408 and its connection closed", async (_where, begun) => {
    const own = createHttpServer({ health, metrics }, { requestMs: 100, silenceMs: 60_000, checkMs: 20 });
    const socket = connect(await listen(own, 0, "127.0.0.1"), "127.0.0.1");
    const answer = text(socket);
    socket.write(begun);
    expect(await answer).toContain("408 Request Timeout");
    await own.close();
  });
});

describe("createMetrics", () => {
  it("gives the same metric for the same name", () => {
    expect(metrics.counter("same_total", "Same.")).toBe(metrics.counter("same_total", "Same."));
  });

  it("asks a collected gauge for its value at each reading", async () => {
    let size = 3;
    metrics.gauge("queue_size", "Queue.", [], (gauge) => gauge.set(size));
    expect(await metrics.registry.getSingleMetricAsString("queue_size")).toContain(
      'queue_size{app="test"} 3',
    );
    size = 4;
    expect(await metrics.registry.getSingleMetricAsString("queue_size")).toContain(
      'queue_size{app="test"} 4',
    );
  });
});
