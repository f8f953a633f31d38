/** Consumes a topic and prints each message handled as a line, until it is killed: servers, topic and group by argument. */
import { noting } from "./consumer.ts";

const [servers = "", topic = "", groupId = ""] = process.argv.slice(2);
noting({
  bootstrapServers: servers.split(","),
  topic,
  groupId,
  onBatch: async (messages) => {
    for (const { partition, offset } of messages) process.stdout.write(`${partition}:${offset}\n`);
    return [];
  },
});
