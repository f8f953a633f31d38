import {
  type AnyBulkWriteOperation,
  type Collection,
  type Document,
  type IndexSpecification,
  MongoBulkWriteError,
  MongoClient,
} from "mongodb";
import type { Logger } from "./logging.ts";

export interface DocumentsOptions {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Connections at most. */
  readonly maxConnections: number;
  readonly applicationName: string;
  readonly log: Logger;
}

/** A document with an id of its own. */
export type Identified = Document & { readonly _id: string };

export interface Documents {
  /**
   * Adds what is not there yet. Documents whose `_id` is there already stay as they are.
   * @returns how many were added
   */
  insertNew<D extends Identified>(collection: string, documents: readonly D[]): Promise<number>;
  /** Puts each document in the place of the one of the same `_id`, or adds it. */
  replace<D extends Identified>(collection: string, documents: readonly D[]): Promise<void>;
  /** The driver's own collection, for whatever else it can do. */
  collection<D extends Document>(name: string): Collection<D>;
  /** Makes an index where there is none. */
  ensureIndex(collection: string, keys: IndexSpecification): Promise<void>;
  /** Asks the store, with the user's password. @throws when it does not answer, or refuses */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** The code of MongoDB's protocol for an `_id`, or another unique key, that is there already. */
const duplicateKey = 11_000;

/** Opens a pool, which connects when it is first used. What is asked while the store is away fails within seconds. */
export function openDocuments(options: DocumentsOptions): Documents {
  const { host, port, database, user, password, maxConnections, applicationName, log } = options;
  const client = new MongoClient(`mongodb://${host}:${port}/`, {
    auth: { username: user, password },
    authSource: "admin",
    appName: applicationName,
    maxPoolSize: maxConnections,
    directConnection: true,
    connectTimeoutMS: 5000,
    serverSelectionTimeoutMS: 5000,
    // A server that vanished without closing its connections would otherwise be waited for without end.
    socketTimeoutMS: 30_000,
    // Who calls tries again, for as long as it takes.
    retryWrites: false,
  });
  client.on("serverHeartbeatFailed", ({ failure }) =>
    log.debug({ err: failure }, "the document store does not answer"),
  );
  const db = client.db(database);
  return {
    insertNew: async (name, documents) => {
      if (documents.length === 0) return 0;
      try {
        const { insertedCount } = await db
          .collection(name)
          .insertMany(documents as readonly Document[], { ordered: false });
        return insertedCount;
      } catch (error) {
        if (!isDuplicates(error)) throw error;
        return error.insertedCount;
      }
    },
    replace: async (name, documents) => {
      if (documents.length === 0) return;
      const writes = documents.map(
        (replacement): AnyBulkWriteOperation<Identified> => ({
          replaceOne: { filter: { _id: replacement._id }, replacement, upsert: true },
        }),
      );
      await db.collection<Identified>(name).bulkWrite(writes, { ordered: false });
    },
    collection: (name) => db.collection(name),
    ensureIndex: async (name, keys) => {
      await db.collection(name).createIndex(keys);
    },
    check: async () => {
      await db.command({ listCollections: 1, nameOnly: true });
    },
    close: () => client.close(),
  };
}

/** Whether nothing else is wrong than that some were there already. */
function isDuplicates(error: unknown): error is MongoBulkWriteError {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError() !== undefined)
    return false;
  const errors = [error.writeErrors].flat();
  return errors.length > 0 && errors.every(({ code }) => code === duplicateKey);
}
