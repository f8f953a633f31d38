import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PoisonError } from "./kafka-message.ts";
import { isDataError, queryData } from "./postgres.ts";
import { startPostgres, type TestPostgres } from "./testing/postgres.ts";

function refused(code: string): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError("refused", 1, "error"), { code });
}

describe("isDataError", () => {
  it.each([
    ["22021", "bad UTF-8"],
    ["23514", "a check"],
    ["54000", "a key too long for its index"],
  ])("is so for %s, %s", (code) => expect(isDataError(refused(code))).toBe(true));

  it.each([
    ["40001", "a serialization failure"],
    ["53100", "a full disk"],
    ["57P01", "a shutdown"],
  ])("is not for %s, %s, which passes", (code) => expect(isDataError(refused(code))).toBe(false));

  it("is not for what did not come from PostgreSQL", () => {
    expect(isDataError(Object.assign(new Error("connection lost"), { code: "22021" }))).toBe(false);
  });
});

describe("openPostgres", () => {
  let server: TestPostgres;
  const folder = mkdtempSync(join(tmpdir(), "edgelab-migrations-"));
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  it("keeps the migrations and tables of two apps apart, each in its schema", async () => {
    const [one, two] = [server.open("one"), server.open("two")];
    writeFileSync(join(folder, "0001_first.sql"), "CREATE TABLE things (id int PRIMARY KEY);");
    expect(await one.migrate(folder)).toEqual(["0001_first"]);
    expect(await two.migrate(folder)).toEqual(["0001_first"]);
    expect(await two.migrate(folder)).toEqual([]);
    await one.query("INSERT INTO things VALUES (1)");
    expect((await two.query("SELECT * FROM things")).rowCount).toBe(0);
    expect((await two.query("SELECT * FROM one.things")).rowCount).toBe(1);
    await Promise.all([one.close(), two.close()]);
  });

  it("tells data that it refuses from what may go well the next time", async () => {
    const postgres = server.open("public");
    await expect(queryData(postgres, "SELECT $1::int", ["x"])).rejects.toThrow(PoisonError);
    await expect(queryData(postgres, "SELECT * FROM nothing", [])).rejects.not.toThrow(PoisonError);
    await postgres.close();
  });
});
