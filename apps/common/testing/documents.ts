import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DocumentsOptions } from "../documents.ts";
import { createLogger } from "../logging.ts";
import { freePort } from "./free-ports.ts";
import { startServer, type TestServer } from "./server.ts";

const image = join(import.meta.dirname, "../../../images/documents");
const log = createLogger({ app: "test", level: "fatal", environment: "test" });

/** The lab's own document store, on this machine's loopback address, with nothing in it. */
export interface TestDocuments extends TestServer {
  /** How it is reached by its one user. */
  readonly at: DocumentsOptions;
}

export async function startDocuments(): Promise<TestDocuments> {
  const entrypoint = join(image, "stage/documents");
  if (!existsSync(entrypoint)) throw new Error(`${entrypoint} is missing; fix: ./scripts/setup`);
  const port = await freePort();
  const at = {
    host: "127.0.0.1",
    port,
    database: "edgelab",
    user: "lab",
    password: "test-password",
    maxConnections: 4,
    applicationName: "test",
    log,
  };
  const server = await startServer({
    name: "documents",
    entrypoint,
    healthy: join(image, "healthy"),
    env: (folder) => ({
      DOCUMENTS_LISTEN: `${at.host}:${port}`,
      DOCUMENTS_DATA: join(folder, "data"),
      DOCUMENTS_USER: at.user,
      DOCUMENTS_PASSWORD_FILE: join(folder, "password"),
    }),
    prepare: (folder) => writeFile(join(folder, "password"), at.password),
  });
  return { ...server, at };
}
