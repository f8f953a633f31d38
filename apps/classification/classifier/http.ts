import type { FastifyReply } from "fastify";
import type { HttpServer } from "../../common/http.ts";
import type { Classifier } from "./classifier.ts";
import { NotAnImage } from "./preprocess.ts";

export interface ClassifyRouteOptions {
  /** The classifier, or undefined while its model is being loaded and once the app is ending. */
  readonly classifier: () => Classifier | undefined;
  readonly maxImageBytes: number;
  /** Most requests in hand at once. */
  readonly maxRequests: number;
}

/**
 * Adds `POST /classify`: the body is an encoded image, whatever its Content-Type says; the answer is
 * `{model, top: [{label, score}], inferenceMs}`. Refusals are `{error, reason}`: 400 for what is no image, 413 above
 * the limit, 503 (with Retry-After) while the app starts or ends, or when too many requests are in hand.
 */
export function addClassifyRoute(server: HttpServer, options: ClassifyRouteOptions): void {
  const { classifier, maxImageBytes, maxRequests } = options;
  let inHand = 0;
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    scope.setErrorHandler<Error & { code?: string }>((error, _request, reply) => {
      if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE") {
        // The rest of the body is read and thrown away: a connection that is closed under a client that is still
        // sending is a broken pipe to it, and the answer is lost.
        reply.removeHeader("connection");
        return refuse(reply, 413, "image too large", `the limit is ${maxImageBytes} bytes`);
      }
      throw error;
    });
    // Before the body is read, so that what waits costs no memory.
    scope.addHook("onRequest", async (request, reply) => {
      // What the bytes are is found by reading them, so even a malformed header does not matter.
      request.raw.headers["content-type"] = "application/octet-stream";
      if (!classifier()) return busy(reply, "not ready", notReady);
      if (inHand >= maxRequests) return busy(reply, "too busy", `${inHand} requests are in hand`);
      inHand += 1;
      reply.raw.once("close", () => {
        inHand -= 1;
      });
    });
    scope.post("/classify", { bodyLimit: maxImageBytes }, async (request, reply) => {
      const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array();
      const result = await classifier()?.classify("http", bytes);
      if (!result) return busy(reply, "not ready", notReady);
      if (result instanceof NotAnImage) return refuse(reply, 400, "not an image", result.message);
      const { model, top, inferenceMs } = result;
      return { model, top, inferenceMs };
    });
  });
}

const notReady = "the classifier is starting or ending";

const refuse = (reply: FastifyReply, status: number, error: string, reason: string) =>
  reply.code(status).send({ error, reason });

const busy = (reply: FastifyReply, error: string, reason: string) =>
  refuse(reply.header("retry-after", "1"), 503, error, reason);
