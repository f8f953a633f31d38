/**
 * Prints the latest readings of every sensor that the document store has, as JSON lines `[sensor, ms, value]`: what
 * models are fitted on, for whoever fits or judges some elsewhere. It runs in an analyser's container, with its
 * environment, so that no password leaves the lab.
 */
import { once } from "node:events";
import { openDocuments } from "../../common/documents.ts";
import { createLogger } from "../../common/logging.ts";
import { collections, type ReadingDocument } from "../contract.ts";
import { readHistory } from "./documents.ts";
import { analyserEnv } from "./env.ts";

const env = analyserEnv.parse(process.env);
const documents = openDocuments({
  host: env.DOCUMENTS_HOST,
  port: env.DOCUMENTS_PORT,
  database: env.DOCUMENTS_DB,
  user: env.DOCUMENTS_USER,
  password: env.DOCUMENTS_PASSWORD_FILE,
  maxConnections: 1,
  applicationName: "logistics-export",
  log: createLogger({ app: "logistics-export", level: "fatal", environment: env.ENVIRONMENT }),
});
try {
  const sensors = await documents.collection<ReadingDocument>(collections.readings).distinct("sensor");
  for (const sensor of sensors) {
    const history = await readHistory(documents, sensor, env.HISTORY_READINGS);
    const lines = history.map(({ timeMs, value }) => `${JSON.stringify([sensor, timeMs, value])}\n`);
    // The pipe takes no more than its reader does.
    if (lines.length > 0 && !process.stdout.write(lines.join(""))) await once(process.stdout, "drain");
  }
} finally {
  await documents.close();
}
