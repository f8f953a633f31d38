/**
 * Consumes a topic and prints each message handled as a line, until it is killed: servers, topic, group and, if there is
 * one, its state's folder by argument. It kills itself over a message whose value is `deadly`.
 */
import { noting } from "./consumer.ts";

const [servers = "", topic = "", groupId = "", stateFolder] = process.argv.slice(2);
noting({
  bootstrapServers: servers.split(","),
  topic,
  groupId,
  stateFolder,
  onBatch: async (messages) => {
    for (const { partition, offset, value } of messages) {
      if (String(value) === "deadly") process.kill(process.pid, "SIGKILL");
      process.stdout.write(`${partition}:${offset}\n`);
    }
    return [];
  },
});
