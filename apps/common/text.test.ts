import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { json } from "./structured-text.ts";
import {
  aboutOf,
  choice,
  choices,
  decimal,
  flag,
  integer,
  list,
  sentences,
  string,
  type Text,
} from "./text.ts";

const item = fc
  .string({ minLength: 1 })
  .filter((text) => !text.includes(",") && text === text.trim() && text !== "");
const things = z.array(z.strictObject({ name: z.string(), sizes: z.array(z.number()).default([]) }));
const double = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map((value) => value + 0);

/** Every kind with the values that it has. */
const kinds: readonly [string, Text<unknown>, fc.Arbitrary<unknown>][] = [
  ["string", string(), fc.string({ minLength: 1, unit: "binary" })],
  ["string of a pattern", string({ pattern: /^[a-z]+$/ }), fc.stringMatching(/^[a-z]+$/)],
  ["integer", integer(), fc.maxSafeInteger()],
  ["integer of a range", integer({ min: -3, max: 9 }), fc.integer({ min: -3, max: 9 })],
  ["decimal", decimal(), double(-Number.MAX_VALUE, Number.MAX_VALUE)],
  ["decimal of a range", decimal({ min: 0, max: 1 }), double(0, 1)],
  ["flag", flag(), fc.boolean()],
  ["choice", choice(["a", "b"]), fc.constantFrom("a", "b")],
  ["list", list(), fc.array(item, { minLength: 1 })],
  ["choices", choices(["a", "b", "c"]), fc.shuffledSubarray(["a", "b", "c"], { minLength: 1 })],
  [
    "json",
    json(things, "things"),
    fc.array(fc.record({ name: fc.string(), sizes: fc.array(double(-9, 9)) })),
  ],
];

describe.each(kinds)("%s", (_name, kind, values) => {
  it("reads back what it writes", () => {
    fc.assert(
      fc.property(values, (value) => {
        const text = z.encode(kind, value);
        expect(typeof text).toBe("string");
        expect(z.decode(kind, text)).toEqual(value);
      }),
    );
  });

  it("writes nothing that it does not read, whatever it is given", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const written = z.safeEncode(kind, value);
        if (written.success) expect(z.safeDecode(kind, written.data)).toMatchObject({ success: true });
      }),
    );
  });

  it("takes or refuses any text with a sentence that does not show it", () => {
    const text = fc.string({ minLength: 8 });
    fc.assert(
      fc.property(text, (given) => {
        const { error } = z.safeDecode(kind, given);
        for (const sentence of error === undefined ? [] : sentences(error)) {
          expect(sentence).toMatch(/\S/);
          expect(sentence).not.toContain(given);
        }
      }),
    );
  });
});

describe("what is refused", () => {
  it.each<[string, Text<unknown>, string, string[]]>([
    ["empty text", string(), "", ["is empty"]],
    ["text of another form", string({ pattern: /^a$/ }), "b", ["does not match"]],
    ["a fraction", integer(), "1.5", ["is not a whole number"]],
    ["a number that is not exact", integer(), "9007199254740993", ["is not a whole number"]],
    ["a number in hexadecimal", decimal(), "0x10", ["is not a number"]],
    ["a number too large for any", decimal(), "1e999", ["is not a number"]],
    ["a small number", integer({ min: 1 }), "0", ["is too small"]],
    ["a large number", decimal({ max: 1 }), "1.5", ["is too large"]],
    ["another word", flag(), "TRUE", ["is neither"]],
    ["empty items", list(), "a,,b,", ["[1]: is empty", "[3]: is empty"]],
    ["a word twice", choices(["a", "b"]), "a,a", ["has a word twice"]],
    ["no words", choices(["a", "b"]), "", ["[0]: is not among them"]],
  ])("%s", (_name, kind, given, expected) => {
    const { error } = z.safeDecode(kind, given);
    expect(error === undefined ? [] : sentences(error)).toEqual(expected);
  });

  it("a schema that is no kind of text", () => {
    expect(() => aboutOf(z.number())).toThrow(/no kind of text/);
  });
});
