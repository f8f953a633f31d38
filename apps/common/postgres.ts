import { runner } from "node-pg-migrate";
import pg from "pg";
import { PoisonError } from "./kafka-message.ts";
import type { Logger } from "./logging.ts";

export interface PostgresOptions {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Where names without a schema are looked for, and migrations put what they make; made when it is not there. */
  readonly schema?: string;
  /** Connections at most. */
  readonly maxConnections: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly log: Logger;
}

export interface Postgres {
  /** Runs one statement on a connection of the pool. A lost connection fails the statement, not the next one. */
  query(text: string, values?: readonly unknown[]): Promise<{ rows: readonly unknown[]; rowCount: number }>;
  /**
   * Applies the migrations of a folder that are not applied yet, each in a transaction. Of several processes that try
   * at once, one does it and the others wait (PostgreSQL advisory lock).
   * @returns names of what was applied
   */
  migrate(folder: string): Promise<string[]>;
  close(): Promise<void>;
}

/** Opens a pool, which connects when it is first used. */
export function openPostgres(options: PostgresOptions): Postgres {
  const { host, port, database, user, password, schema = "public", log } = options;
  const connection = {
    host,
    port,
    database,
    user,
    password,
    application_name: options.applicationName,
    options: `-c search_path=${schema}`,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    // A server that vanished without closing its connections would otherwise be waited for without end.
    query_timeout: 30_000,
    statement_timeout: 30_000,
  };
  const pool = new pg.Pool({ ...connection, max: options.maxConnections });
  pool.on("error", (err) => log.warn({ err }, "an idle connection to PostgreSQL was lost"));
  return {
    query: async (text, values = []) => {
      const { rows, rowCount } = await pool.query(text, [...values]);
      return { rows, rowCount: rowCount ?? 0 };
    },
    migrate: async (folder) => {
      const applied = await runner({
        // What rewrites a table takes as long as it takes.
        databaseUrl: { ...connection, query_timeout: 0, statement_timeout: 0 },
        dir: folder,
        direction: "up",
        migrationsTable: "schema_migrations",
        schema,
        createSchema: true,
        advisoryLockMode: "wait",
        logger: {
          debug: (text) => log.debug(text),
          info: (text) => log.debug(text),
          warn: (text) => log.warn(text),
          error: (text) => log.error(text),
        },
      });
      return applied.map(({ name }) => name);
    },
    close: () => pool.end(),
  };
}

/**
 * Whether PostgreSQL refused a statement for what is in the data (SQLSTATE classes 22, data exception, 23, integrity
 * constraint violation, and 54, program limit exceeded, such as a key too long for its index), so that trying again is
 * pointless.
 */
export function isDataError(error: unknown): boolean {
  return error instanceof pg.DatabaseError && /^(22|23|54)/.test(error.code ?? "");
}

/**
 * Runs a statement whose values are what came in messages.
 * @throws {PoisonError} when PostgreSQL refuses it for what is in them; another error when it may go well the next time
 */
export async function queryData(
  postgres: Pick<Postgres, "query">,
  text: string,
  values: readonly unknown[],
): Promise<{ rows: readonly unknown[]; rowCount: number }> {
  try {
    return await postgres.query(text, values);
  } catch (error) {
    if (!isDataError(error)) throw error;
    throw new PoisonError(`PostgreSQL refuses it: ${String(error)}`, { cause: error });
  }
}
