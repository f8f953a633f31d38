import type { RequestListener } from "node:http";
import { runApp } from "../../common/app.ts";
import { openDocuments } from "../../common/documents.ts";
import { messageOf } from "../../common/errors.ts";
import { pause, retry } from "../../common/retry.ts";
import { documentsConsoleEnv } from "./env.ts";
import { loginCheck } from "./login.ts";
import { mongoExpress } from "./mongo-express.ts";

const name = "consoles-documents";
/** How often it is looked whether the store answers, ms. */
const checkEveryMs = 10_000;

await runApp({
  name,
  env: documentsConsoleEnv,
  healthParts: ["documents"],
  start: ({ env, log, metrics, health, http, shutdown }) => {
    const { signal } = shutdown;
    const store = {
      host: env.DOCUMENTS_HOST,
      port: env.DOCUMENTS_PORT,
      database: env.DOCUMENTS_DB,
      user: env.DOCUMENTS_USER,
      password: env.DOCUMENTS_PASSWORD_FILE,
    };
    const documents = openDocuments({ ...store, maxConnections: 1, applicationName: name, log });
    shutdown.add("documents", () => documents.close());
    const isLoggedIn = loginCheck({ user: env.CONSOLE_USER, password: env.CONSOLE_PASSWORD_FILE });
    const requests = metrics.counter("console_requests_total", "Requests, by whether they had the login.", [
      "login",
    ]);
    let pages: RequestListener | undefined;
    // Bodies are for mongo-express to read.
    http.removeAllContentTypeParsers();
    http.addContentTypeParser("*", (_request, _payload, done) => done(null));
    http.all("/*", (request, reply) => {
      const login = isLoggedIn(request.raw) ? "right" : "none";
      requests.inc({ login });
      if (login === "none") {
        return reply
          .code(401)
          .header("www-authenticate", 'Basic realm="edgelab"')
          .send("a login is needed\n");
      }
      if (pages === undefined) return reply.code(503).send("the document store does not answer yet\n");
      reply.hijack();
      return pages(request.raw, reply.raw);
    });
    const isThere = async (): Promise<void> => {
      await documents.check();
      health.ok("documents");
    };
    const isAway = (err: unknown): void => {
      health.fail("documents", messageOf(err));
      log.warn({ err }, "the document store does not answer; it is tried again");
    };
    return async () => {
      await retry(isThere, { signal, onRetry: isAway });
      pages = await retry(() => mongoExpress({ ...store, folder: env.MONGO_EXPRESS_FOLDER }), {
        signal,
        onRetry: isAway,
      });
      while (!signal.aborted) {
        await isThere().catch(isAway);
        await pause(checkEveryMs, signal);
      }
    };
  },
});
