import pg from "pg";
import { describe, expect, it } from "vitest";
import { isDataError } from "./postgres.ts";

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
