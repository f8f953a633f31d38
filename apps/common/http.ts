import { type FastifyInstance, fastify } from "fastify";
import type { Health } from "./health.ts";
import type { Metrics } from "./metrics.ts";

export type HttpServer = FastifyInstance;

/**
 * The HTTP side that every app has: `GET /healthz` (200 `{status:"ok"}`, or 503 with `problems` by part; either with
 * `warnings` by part where something is missing) and `GET /metrics` (Prometheus text). The app adds its own routes before it listens.
 */
export function createHttpServer({ health, metrics }: { health: Health; metrics: Metrics }): HttpServer {
  // Connections kept alive by a scraper must not hold up the shutdown; requests under way are answered.
  const server = fastify({ forceCloseConnections: "idle" });
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
