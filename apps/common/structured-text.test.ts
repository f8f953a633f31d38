import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineEnv } from "./env.ts";
import { json } from "./structured-text.ts";

const shape = z.array(z.strictObject({ name: z.string(), size: z.number().default(3) }));
const env = defineEnv({ THINGS: json(shape, "a JSON array of things") });

describe("json", () => {
  it("reads back what was written, with the reader's defaults", () => {
    const written = env.format({ THINGS: [{ name: "a" }, { name: "b", size: 1 }] });
    expect(JSON.parse(written.THINGS ?? "")).toEqual([{ name: "a" }, { name: "b", size: 1 }]);
    expect(env.parse(written).THINGS).toEqual([
      { name: "a", size: 3 },
      { name: "b", size: 1 },
    ]);
  });

  it("tells every problem at once, with its place and the name of the item", () => {
    const wrong = JSON.stringify([
      { name: "gate", size: "x" },
      { size: 1, extra: true },
    ]);
    expect(() => env.parse({ THINGS: wrong })).toThrow(
      /has 3 problems; expected a JSON array of things:.*\[0\]\.size \(gate\): .*\[1\]\.name: .*\[1\]: .*extra/s,
    );
  });

  it("never shows the text, which may hold passwords", () => {
    for (const text of ['[{"name":"hunter2"', '{"password":"hunter2"}', "hunter2"]) {
      expect(() => env.parse({ THINGS: text })).toThrow(/^(?!.*hunter2).*THINGS=\[hidden\]/s);
    }
  });

  it("refuses to write what it would not read", () => {
    expect(() => env.format({ THINGS: [{ name: 5 as unknown as string }] })).toThrow(/\[0\]\.name/);
  });
});
