import { messageOf } from "../../apps/common/errors.ts";
import { type KafkaAdmin, openAdmin } from "../../apps/common/kafka-admin.ts";

/** Asks Kafka for its replicas, over one connection for as long as that lasts. */
export class Replicas {
  readonly #bootstrapServers: readonly string[];
  #admin: KafkaAdmin | undefined;

  constructor(bootstrapServers: readonly string[]) {
    this.#bootstrapServers = bootstrapServers;
  }

  /**
   * Partitions of these topics, `<topic>-<number>`, that have no leader or a replica that is not in sync.
   * @throws while Kafka does not answer; the next call connects anew
   */
  async behind(topics: readonly string[]): Promise<string[]> {
    try {
      this.#admin ??= await openAdmin({
        bootstrapServers: this.#bootstrapServers,
        clientId: "edgelab-replicas",
      });
      return await this.#admin.behind(topics);
    } catch (error) {
      await this.#admin?.close().catch(() => undefined);
      this.#admin = undefined;
      throw new Error(`Kafka does not tell of its topics: ${messageOf(error)}`, { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.#admin?.close();
  }
}
