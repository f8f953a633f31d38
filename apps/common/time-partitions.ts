import { z } from "zod";
import type { Postgres } from "./postgres.ts";

/** A table that is partitioned by range of a timestamptz. */
export interface PartitionedTable {
  readonly name: string;
  /** Storage parameters of its partitions, such as `fillfactor = 70`. */
  readonly storage?: string;
}

/** How long what a partition holds is: its milliseconds, and how much of a time in ISO 8601 names it. */
const spans = { hour: { ms: 3_600_000, characters: 13 }, day: { ms: 86_400_000, characters: 10 } } as const;

/** A partition is dropped so long after nothing of its time is taken any more, ms. */
const graceMs = 3_600_000;

const names = z.array(z.object({ name: z.string() }));

/**
 * The partitions of some tables, one for each hour or day of UTC, made when something of that time comes; with its
 * partition, what is not kept any more goes at once, and gives its space back.
 */
export class TimePartitions {
  readonly #postgres: Pick<Postgres, "query">;
  readonly #tables: readonly PartitionedTable[];
  readonly #span: (typeof spans)[keyof typeof spans];
  /** Numbers of the spans whose partitions are there. */
  readonly #known = new Set<number>();

  constructor(
    postgres: Pick<Postgres, "query">,
    span: keyof typeof spans,
    tables: readonly PartitionedTable[],
  ) {
    this.#postgres = postgres;
    this.#tables = tables;
    this.#span = spans[span];
  }

  /**
   * Makes room for rows of these times, ms since the epoch, in every table. Of several sessions that do so at once, one
   * does it and the others wait.
   */
  async makeRoom(timesMs: readonly number[]): Promise<void> {
    const wanted = new Set(timesMs.map((timeMs) => Math.floor(timeMs / this.#span.ms)));
    for (const number of wanted) {
      if (this.#known.has(number)) continue;
      await this.#alone(this.#tables.map((table) => this.#creation(table, number)));
      this.#known.add(number);
    }
  }

  /** Drops what is wholly older than `keptMs` at `nowMs`, with some grace. @returns how many partitions */
  async dropOld(table: string, nowMs: number, keptMs: number): Promise<number> {
    const firstKept = this.#partition(table, Math.floor((nowMs - graceMs - keptMs) / this.#span.ms));
    const { rows } = await this.#postgres.query(
      `SELECT child.relname AS name FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
       WHERE inhparent = to_regclass($1) AND child.relname < $2`,
      [table, firstKept],
    );
    const old = names.parse(rows);
    if (old.length > 0) await this.#alone(old.map(({ name }) => `DROP TABLE IF EXISTS ${name};`));
    // Should something of that time come all the same, a partition must be made for it.
    this.#known.clear();
    return old.length;
  }

  #partition(table: string, number: number): string {
    const time = new Date(number * this.#span.ms).toISOString().slice(0, this.#span.characters);
    return `${table}_${time.replaceAll(/\D/g, "")}`;
  }

  #creation({ name, storage }: PartitionedTable, number: number): string {
    const [from, to] = [number, number + 1].map((at) => new Date(at * this.#span.ms).toISOString());
    const partition = `CREATE TABLE IF NOT EXISTS ${this.#partition(name, number)} PARTITION OF ${name}`;
    return `${partition} FOR VALUES FROM ('${from}') TO ('${to}')${storage === undefined ? "" : ` WITH (${storage})`};`;
  }

  /** Statements in one transaction, while no other session of the schema changes partitions. */
  async #alone(statements: readonly string[]): Promise<void> {
    const lock = "PERFORM pg_advisory_xact_lock(hashtext('partitions'), hashtext(current_schema()));";
    await this.#postgres.query(`DO $do$ BEGIN ${[lock, ...statements].join("\n")} END $do$`);
  }
}
