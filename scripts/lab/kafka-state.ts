import { messageOf } from "../../apps/common/errors.ts";
import { type KafkaAdmin, openAdmin } from "../../apps/common/kafka-admin.ts";

/** A consumer group on a topic. */
interface Reading {
  readonly group: string;
  readonly topic: string;
  /** The only one that it reads; left out where it reads all of them. */
  readonly partition?: number;
}

/** Asks a lab's Kafka how it is, over one connection for as long as that lasts. */
export class KafkaState {
  readonly #bootstrapServers: readonly string[];
  #admin: KafkaAdmin | undefined;

  constructor(bootstrapServers: readonly string[]) {
    this.#bootstrapServers = bootstrapServers;
  }

  /**
   * Partitions of these topics, `<topic>-<number>`, that have no leader or a replica that is not in sync.
   * @throws while Kafka does not answer; the next call connects anew
   */
  behind(topics: readonly string[]): Promise<string[]> {
    return this.#ask("topics", (admin) => admin.behind(topics));
  }

  /** Messages that these groups have yet to take, together. @throws as {@link behind} does */
  backlog(readings: readonly Reading[]): Promise<number> {
    return this.#ask("consumers", async (admin) => {
      const lags = await Promise.all(
        readings.map(async ({ group, topic, partition }) =>
          messagesIn(await admin.lag(group, topic), partition),
        ),
      );
      return lags.reduce((sum, lag) => sum + lag, 0);
    });
  }

  async close(): Promise<void> {
    await this.#admin?.close();
  }

  async #ask<T>(of: string, question: (admin: KafkaAdmin) => Promise<T>): Promise<T> {
    try {
      this.#admin ??= await openAdmin({
        bootstrapServers: this.#bootstrapServers,
        clientId: "edgelab-state",
      });
      return await question(this.#admin);
    } catch (error) {
      await this.#admin?.close().catch(() => undefined);
      this.#admin = undefined;
      throw new Error(`Kafka does not tell of its ${of}: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** @param only the one partition that is read; all of them when it is left out */
export function messagesIn(
  partitions: readonly { readonly partition: number; readonly lag: bigint }[],
  only?: number,
): number {
  return partitions
    .filter(({ partition }) => only === undefined || partition === only)
    .reduce((sum, { lag }) => sum + Number(lag), 0);
}
