import { type FastifyInstance, fastify } from "fastify";
import type { Health } from "./health.ts";
import type { Metrics } from "./metrics.ts";

export type HttpServer = FastifyInstance;

/** What a client has time for, ms: a request that stays half-open would hold its place, and its memory, for good. */
export interface HttpTimeouts {
  /** For the whole of a request, from its first byte to its last; also from a connection to its first byte. */
  readonly requestMs: number;
  /** For a connection to stay silent, at any point of a request or of the answer. */
  readonly silenceMs: number;
  /** How often the time for requests is looked at. */
  readonly checkMs: number;
}

const timeouts: HttpTimeouts = { requestMs: 30_000, silenceMs: 30_000, checkMs: 5000 };

/**
 * The HTTP side that every app has: `GET /healthz` (200 `{status:"ok"}`, or 503 with `problems` by part; either with
 * `warnings` by part where something is missing) and `GET /metrics` (Prometheus text). The app adds its own routes before it listens.
 */
export function createHttpServer(
  { health, metrics }: { health: Health; metrics: Metrics },
  { requestMs, silenceMs, checkMs }: HttpTimeouts = timeouts,
): HttpServer {
  const server = fastify({
    // Connections kept alive by a scraper must not hold up the shutdown; requests under way are answered.
    forceCloseConnections: "idle",
    requestTimeout: requestMs,
    connectionTimeout: silenceMs,
    http: { headersTimeout: requestMs, connectionsCheckingInterval: checkMs },
  });
  server.get("/healthz", async (_request, reply) => {
    const problems = health.problems();
    const warnings = health.warnings();
    const healthy = Object.keys(problems).length === 0;
    return reply.code(healthy ? 200 : 503).send({
      status: healthy ? "ok" : "failing",
      ...(healthy ? {} : { problems }),
      ...(Object.keys(warnings).length === 0 ? {} : { warnings }),
    });
  });
  server.get("/metrics", async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
  return server;
}

/**
 * Listens on an address, by default on every one of the container.
 * @returns the port, which the system chooses when 0 is given
 */
export async function listen(server: HttpServer, port: number, host = "0.0.0.0"): Promise<number> {
  await server.listen({ host, port });
  const address = server.server.address();
  return address === null || typeof address === "string" ? port : address.port;
}
