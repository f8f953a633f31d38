import { randomBytes } from "node:crypto";
import { type KafkaAdmin, openAdmin } from "../../apps/common/kafka-admin.ts";
import { createContext } from "../../scripts/toolchain/context.ts";
import { environment } from "../../scripts/toolchain/environment.ts";
import { ToolchainError } from "../../scripts/toolchain/errors.ts";
import { labOutputs } from "../../scripts/toolchain/lab-queries.ts";

const waitMs = 60_000;

/** Brokers given on the command line, or those of the stack. @throws ToolchainError when the stack has none */
export async function bootstrapServers(
  given: readonly string[] | undefined,
  stack: string,
): Promise<string[]> {
  if (given !== undefined) return [...given];
  const context = createContext();
  const found = (await labOutputs(await environment(context), context.root, stack)).bootstrapServers;
  if (found === "") {
    throw new ToolchainError(
      `the stack ${stack} has no Kafka`,
      `./scripts/up ${stack}   # or --bootstrap host:port,…`,
    );
  }
  return found.split(",");
}

/** Topics of a bench: made for one run, and gone when it has ended. */
export class BenchTopics {
  readonly #admin: KafkaAdmin;
  readonly #prefix: string;
  readonly #names = new Set<string>();
  #count = 0;

  private constructor(admin: KafkaAdmin, prefix: string) {
    this.#admin = admin;
    this.#prefix = prefix;
  }

  /** @throws when no broker answers */
  static async open(servers: readonly string[], bench: string): Promise<BenchTopics> {
    const admin = await openAdmin({ bootstrapServers: servers, clientId: `bench-${bench}` });
    return new BenchTopics(admin, `bench-${bench}-${randomBytes(4).toString("hex")}`);
  }

  async brokers(): Promise<number> {
    return (await this.#admin.brokers()).length;
  }

  /** Makes a topic that holds messages up to 1 MB, and waits until it can be written. @returns its name */
  async create(partitions: number, replication: number): Promise<string> {
    const name = `${this.#prefix}-${this.#count}`;
    this.#count += 1;
    this.#names.add(name);
    // Deleted logs are to be off the disk at once: the next run fills it again.
    const config = {
      "max.message.bytes": "1048576",
      "min.insync.replicas": String(Math.min(2, replication)),
    };
    const spec = { name, partitions, replication, config: { ...config, "file.delete.delay.ms": "1000" } };
    await this.#admin.createTopic(spec);
    await this.#admin.awaitTopic(spec, waitMs);
    return name;
  }

  async remove(name: string): Promise<void> {
    await this.#admin.deleteTopic(name, waitMs);
    this.#names.delete(name);
  }

  /** Removes what is left and disconnects. */
  async close(): Promise<void> {
    try {
      for (const name of this.#names) await this.remove(name);
    } finally {
      await this.#admin.close();
    }
  }
}
