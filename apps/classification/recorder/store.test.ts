import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Postgres } from "../../common/postgres.ts";
import { startPostgres, type TestPostgres } from "../../common/testing/postgres.ts";
import type { ImageRow, ResultRow } from "./rows.ts";
import { ImageStore } from "./store.ts";

const migrations = fileURLToPath(new URL("./migrations", import.meta.url));
const hourMs = 3_600_000;
const nowMs = Date.UTC(2026, 10, 22, 6, 30);

let server: TestPostgres;
let schemas = 0;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.close());

/** A database of its own, with the migrations of a folder. */
async function withPostgres(folder: string, use: (postgres: Postgres) => Promise<void>): Promise<void> {
  schemas += 1;
  const postgres = server.open(`s${schemas}`);
  try {
    await postgres.migrate(folder);
    await use(postgres);
  } finally {
    await postgres.close();
  }
}

function image(id: string, hoursAgo: number): ImageRow {
  const sentUs = (nowMs - hoursAgo * hourMs) * 1000;
  const rest = { producer: "p", device: 0, seq: 1, label: "cat", contentType: "image/png" };
  return { id, ...rest, bytes: Buffer.from(id), scheduledUs: sentUs, sentUs };
}

function result(of: ImageRow, pickedUs = of.sentUs + 5): ResultRow {
  const rest = { model: "m", predicted: "cat", score: 1, top: "[]", inferenceMs: 1, batch: 1 };
  return { imageId: of.id, ...rest, pickedUs, sentUs: of.sentUs };
}

const ids = async (postgres: Postgres, text: string) =>
  (await postgres.query(`${text} ORDER BY 1`)).rows.map((row) => Object.values(row as object)[0]);

describe("the store of images", () => {
  it("has an image and its result once however often they come, a result that was found anew as well", () =>
    withPostgres(migrations, async (postgres) => {
      const rows = [image("a", 0), image("b", 1), image("c", 2)];
      // Two recorders, one of which knows nothing of the other's partitions.
      for (const store of [new ImageStore(postgres), new ImageStore(postgres)]) {
        await store.addImages([...rows, ...rows]);
        await store.addResults(rows.map((row) => result(row)));
        await store.addResults(rows.map((row) => result(row, row.sentUs + 9000)));
      }
      expect(await ids(postgres, "SELECT id FROM images")).toEqual(["a", "b", "c"]);
      expect(await ids(postgres, "SELECT image_id FROM results")).toEqual(["a", "b", "c"]);
      expect(await ids(postgres, "SELECT id FROM classified WHERE correct")).toEqual(["a", "b", "c"]);
    }));

  it("drops whole hours that are not kept any more", () =>
    withPostgres(migrations, async (postgres) => {
      const store = new ImageStore(postgres);
      const rows = [0, 2, 3, 4, 5].map((hours) => image(`${hours}`, hours));
      await store.addImages(rows);
      await store.addResults(rows.map((row) => result(row)));
      // An hour of grace more, and the hour that is not over.
      expect(await store.dropOld(nowMs, 2 * hourMs)).toBe(2 * 2);
      expect(await ids(postgres, "SELECT id FROM images")).toEqual(["0", "2", "3"]);
      expect(await ids(postgres, "SELECT image_id FROM results")).toEqual(["0", "2", "3"]);
      expect(await store.dropOld(nowMs, 2 * hourMs)).toBe(0);
      expect(await store.addImages([image("late", 4)])).toBe(1);
    }));
});

describe("the migration to partitions", () => {
  const [first, second] = ["0001_images-and-results.sql", "0002_partitions-by-hour.sql"];
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "edgelab-migrations-"));
    await copyFile(join(migrations, first), join(folder, first));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("keeps the rows that are there, under which redelivered messages are known", () =>
    withPostgres(folder, async (postgres) => {
      const rows = [image("a", 0), image("b", 30)];
      const orphan = image("no image", 7);
      for (const { id, sentUs } of rows) {
        await postgres.query(
          "INSERT INTO images SELECT $1, 'p', 0, 1, 'cat', 'image/png', '\\x00', at, at FROM (SELECT timestamptz 'epoch' + $2 * interval '1 microsecond' AS at) AS times",
          [id, sentUs],
        );
      }
      for (const { id, sentUs } of [...rows, orphan]) {
        await postgres.query(
          "INSERT INTO results SELECT $1, 'm', 'cat', 1, '[]', 1, 1, timestamptz 'epoch' + $2 * interval '1 microsecond'",
          [id, sentUs],
        );
      }
      await copyFile(join(migrations, second), join(folder, second));
      expect(await postgres.migrate(folder)).toEqual([second.replace(".sql", "")]);
      expect(await ids(postgres, "SELECT id FROM classified")).toEqual(["a", "b"]);
      expect(await ids(postgres, "SELECT image_id FROM results")).toEqual(["a", "b", "no image"]);
      const store = new ImageStore(postgres);
      expect(await store.addImages(rows)).toBe(0);
      expect(await store.addResults(rows.map((row) => result(row)))).toBe(0);
      expect(await store.dropOld(nowMs, 12 * hourMs)).toBe(2);
      expect(await ids(postgres, "SELECT id FROM classified")).toEqual(["a"]);
    }));
});
