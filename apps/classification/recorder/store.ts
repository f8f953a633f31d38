import { type Postgres, queryData } from "../../common/postgres.ts";
import { TimePartitions } from "../../common/time-partitions.ts";
import type { ImageRow, ResultRow } from "./rows.ts";

/** µs since the epoch → timestamptz, exact to the microsecond. */
const time = (column: string) => `timestamptz 'epoch' + ${column} * interval '1 microsecond'`;

const insertImages = `
  INSERT INTO images (id, producer, device, seq, label, content_type, bytes, scheduled_at, sent_at)
  SELECT id, producer, device, seq, label, content_type, bytes, ${time("scheduled_us")}, ${time("sent_us")}
  FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::bytea[], $8::float8[],
              $9::float8[])
    AS given (id, producer, device, seq, label, content_type, bytes, scheduled_us, sent_us)
  ON CONFLICT (id, sent_at) DO NOTHING`;

const insertResults = `
  INSERT INTO results (image_id, model, predicted, score, top, inference_ms, batch, picked_at, sent_at)
  SELECT image_id, model, predicted, score, top, inference_ms, batch, ${time("picked_us")}, ${time("sent_us")}
  FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::jsonb[], $6::float8[], $7::int[], $8::float8[],
              $9::float8[])
    AS given (image_id, model, predicted, score, top, inference_ms, batch, picked_us, sent_us)
  ON CONFLICT (image_id, sent_at) DO NOTHING`;

/** Images and their results in PostgreSQL, a partition for each hour that images were sent in. */
export class ImageStore {
  readonly #postgres: Pick<Postgres, "query">;
  readonly #partitions: TimePartitions;

  constructor(postgres: Pick<Postgres, "query">) {
    this.#postgres = postgres;
    this.#partitions = new TimePartitions(postgres, "hour", [{ name: "images" }, { name: "results" }]);
  }

  /**
   * Stores images; those stored already are left as they are.
   * @returns how many rows are new
   * @throws {PoisonError} when PostgreSQL refuses some of the rows for what is in them
   */
  addImages(rows: readonly ImageRow[]): Promise<number> {
    return this.#insert(insertImages, rows, [
      rows.map((row) => row.id),
      rows.map((row) => row.producer),
      rows.map((row) => row.device),
      rows.map((row) => row.seq),
      rows.map((row) => row.label),
      rows.map((row) => row.contentType),
      rows.map((row) => row.bytes),
      rows.map((row) => row.scheduledUs),
      rows.map((row) => row.sentUs),
    ]);
  }

  /** Stores results, as {@link addImages} does images. */
  addResults(rows: readonly ResultRow[]): Promise<number> {
    return this.#insert(insertResults, rows, [
      rows.map((row) => row.imageId),
      rows.map((row) => row.model),
      rows.map((row) => row.predicted),
      rows.map((row) => row.score),
      rows.map((row) => row.top),
      rows.map((row) => row.inferenceMs),
      rows.map((row) => row.batch),
      rows.map((row) => row.pickedUs),
      rows.map((row) => row.sentUs),
    ]);
  }

  /** Drops the hours that are not kept any more. @returns how many partitions */
  async dropOld(nowMs: number, keptMs: number): Promise<number> {
    const images = await this.#partitions.dropOld("images", nowMs, keptMs);
    return images + (await this.#partitions.dropOld("results", nowMs, keptMs));
  }

  async #insert(
    statement: string,
    rows: readonly { readonly sentUs: number }[],
    columns: readonly (readonly unknown[])[],
  ): Promise<number> {
    await this.#partitions.makeRoom(rows.map(({ sentUs }) => sentUs / 1000));
    return (await queryData(this.#postgres, statement, columns)).rowCount;
  }
}
