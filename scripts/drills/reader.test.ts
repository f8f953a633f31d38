import { describe, expect, it } from "vitest";
import { idOf, numberOf } from "./reader.ts";
import { filesOf } from "./stores.ts";

const message = (headers: Record<string, string>, value?: string) => ({
  headers: new Map(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
  value: value === undefined ? undefined : Buffer.from(value),
});

describe("idOf", () => {
  it("joins headers, and is undefined when one is missing", () => {
    const place = { headers: ["run", "seq"] };
    expect(idOf(message({ run: "r", seq: "7" }), place)).toBe("r.7");
    expect(idOf(message({ run: "r" }), place)).toBeUndefined();
  });

  it("reads a field of the value, and is undefined when that is no such JSON", () => {
    const place = { field: "id" };
    expect(idOf(message({}, '{"id":"r.7"}'), place)).toBe("r.7");
    for (const value of ['{"id":7}', "[]", "null", "{", undefined]) {
      expect(idOf(message({}, value), place)).toBeUndefined();
    }
  });
});

describe("numberOf", () => {
  it("knows the messages of its own run", () => {
    expect(numberOf("drill-1", "drill-1.17")).toBe(17);
    for (const id of ["drill-10.17", "drill-1.x", "drill-1", "", undefined]) {
      expect(numberOf("drill-1", id)).toBeUndefined();
    }
  });
});

describe("filesOf", () => {
  it("reads numbers and times, and passes over other files", () => {
    const text = "1700000000.5 /output/d-1/2026-01-01/10-00-00.000-17.jpg\n1700000001.0 /output/d-1/x.jpg\n";
    expect(filesOf(text, /-(\d+)\.jpg$/)).toEqual([{ seq: 17, atMs: 1_700_000_000_500 }]);
  });
});
