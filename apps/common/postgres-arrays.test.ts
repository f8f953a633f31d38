import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Postgres } from "./postgres.ts";
import { numberArray, textArray } from "./postgres-arrays.ts";
import { startPostgres, type TestPostgres } from "./testing/postgres.ts";

let server: TestPostgres;
let postgres: Postgres;
beforeAll(async () => {
  server = await startPostgres();
  postgres = server.open("public");
});
afterAll(async () => {
  await postgres.close();
  await server.close();
});

describe("array literals", () => {
  it("come to the very values in PostgreSQL, whatever these are", async () => {
    // PostgreSQL's text has no NUL.
    const text = fc.string({ unit: "grapheme" }).map((value) => value.replaceAll("\0", ""));
    const odd = fc.constantFrom('"', "\\", "{}", "NULL", ",", " ", "", 'a"b\\c');
    const number = fc.double();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(text, odd)), fc.array(number), async (texts, numbers) => {
        const values = [textArray(texts), numberArray(numbers)];
        const { rows } = await postgres.query("SELECT $1::text[] AS texts, $2::float8[] AS numbers", values);
        // JSON and PostgreSQL's comparison know no negative zero.
        expect(rows).toEqual([{ texts, numbers: numbers.map((each) => (each === 0 ? 0 : each)) }]);
      }),
      { numRuns: 50 },
    );
  });
});
