import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundaryOf, MultipartParser } from "./multipart.ts";
import { part } from "./testing/camera.ts";
import { chop } from "./testing/pictures.ts";

function parse(boundary: string, chunks: readonly Buffer[], maxBytes?: number) {
  const bad: string[] = [];
  const parser = new MultipartParser(boundary, (reason) => bad.push(reason), maxBytes);
  const bodies = chunks.flatMap((chunk) => parser.push(chunk));
  return {
    bodies: bodies.map((body) => body.toString("latin1")),
    last: parser.end()?.toString("latin1"),
    bad,
  };
}
const bytes = (text: string) => Buffer.from(text, "latin1");

describe("boundaryOf", () => {
  it.each([
    ["multipart/x-mixed-replace; boundary=b", "b"],
    ['multipart/x-mixed-replace;boundary="--my frame"; x=y', "--my frame"],
    ["Multipart/X-Mixed-Replace; Boundary = b;x=y", "b"],
    ["image/jpeg", undefined],
    ["multipart/x-mixed-replace", undefined],
  ])("reads %s", (type, boundary) => expect(boundaryOf(type)).toBe(boundary));
});

describe("MultipartParser", () => {
  it("finds the same parts however the stream is chopped, with and without Content-Length", () => {
    // Bodies full of what looks like the beginning of a delimiter.
    const body = fc
      .array(fc.constantFrom("\r", "\n", "-", "--b", "\r\n--", "\r\n--bx", "x", "\0"), {
        minLength: 1,
        maxLength: 12,
      })
      .map((pieces) => `${pieces.join("")}.`)
      // What is a delimiter, by the standard, may not be in a body.
      .filter((text) => !/(^|\n)--b([ \t\r]*\n|--)/.test(text));
    const parts = fc.array(fc.tuple(body, fc.boolean()), { minLength: 1, maxLength: 6 });
    const lengths = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(parts, lengths, (all, sizes) => {
        const stream = all.map(([text, known]) => part(bytes(text), "--b", known ? text.length : undefined));
        const chunks = chop(
          Buffer.concat([bytes("preamble\r\n"), ...stream, bytes("--b--\r\nepilogue")]),
          sizes,
        );
        const expected = { bodies: all.map(([text]) => text), last: undefined, bad: [] };
        expect(parse("b", chunks)).toEqual(expected);
      }),
    );
  });

  it.each([
    ["b", "--b"],
    ["--b", "--b"],
    ["--b", "----b"],
    ["b", "b"],
  ])("takes the boundary declared as %s and written as %s", (declared, written) => {
    const stream = ["one", "two"].map((text) => part(bytes(text), written));
    expect(parse(declared, [...stream, bytes(`${written}\r\n`)]).bodies).toEqual(["one", "two"]);
  });

  it("hands a part of known length on before anything follows it", () => {
    const parser = new MultipartParser("b", () => undefined);
    expect(parser.push(bytes("--b\r\nContent-Length: 5\r\n\r\nframe"))).toEqual([bytes("frame")]);
  });

  it("hands on what there is of a part that was cut off, and all of the next one", () => {
    const stream = [
      part(bytes("cut o"), "--b", 5000),
      part(bytes("whole"), "--b", 5),
      part(bytes("x"), "--b", 1),
    ];
    expect(parse("b", stream)).toEqual({ bodies: ["cut o", "whole", "x"], last: undefined, bad: [] });
  });

  it.each([4, 7, 9, 12])("keeps the next part when a Content-Length of 5 is given as %i", (declared) => {
    const stream = Buffer.concat([part(bytes("frame"), "--b", declared), part(bytes("whole"), "--b", 5)]);
    expect(parse("b", [stream]).bodies.at(-1)).toBe("whole");
  });

  it("goes on after a part that was cut off in its headers", () => {
    const stream = bytes("--b\r\nContent-Length: 3\r\n--b\r\n\r\nwhole\r\n--b\r\n");
    expect(parse("b", [stream])).toMatchObject({
      bodies: ["whole"],
      bad: ["a part that was cut off in its headers"],
    });
  });

  it.each([undefined, 200])("keeps no more than the limit, with a Content-Length of %s", (declared) => {
    const stream = [part(Buffer.alloc(200, "x"), "--b", declared), part(bytes("whole"), "--b", 5)];
    const { bodies, bad } = parse("b", chop(Buffer.concat(stream), [16]), 100);
    expect(bodies).toEqual(["whole"]);
    expect(bad).toHaveLength(1);
  });

  it("gives the part that the end of the stream ended", () => {
    expect(parse("b", [bytes("--b\r\n\r\nlast")])).toEqual({ bodies: [], last: "last", bad: [] });
  });
});
