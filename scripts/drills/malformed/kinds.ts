import { gzipSync } from "node:zlib";
import type { ExactHeader } from "../../../apps/common/kafka-message.ts";
import type { Random } from "../../../apps/common/random.ts";

/** A good message, and which of its headers say who or what number it is: these no consumer can do without. */
export interface Good {
  readonly value: Buffer;
  readonly headers: readonly {
    readonly name: string;
    readonly text: string;
    readonly is?: "name" | "number";
  }[];
}

export interface Bad {
  readonly value: Buffer | undefined;
  readonly headers: readonly ExactHeader[];
  /** Whether the message has no key. */
  readonly keyless?: boolean;
}

/** Makes a good message bad in one way. */
export type Kind = (good: Good, random: Random) => Bad;

const header = (name: string, text: string | Buffer | undefined): ExactHeader => [
  Buffer.from(name),
  text === undefined ? undefined : Buffer.from(text),
];

const exact = ({ headers }: Good): ExactHeader[] => headers.map(({ name, text }) => header(name, text));

const withValue =
  (value: (good: Good, random: Random) => Buffer | string | undefined): Kind =>
  (good, random) => {
    const made = value(good, random);
    return { value: made === undefined ? undefined : Buffer.from(made), headers: exact(good) };
  };

/** Changes one of the headers that are needed, drawn at random among those that are such a thing. */
const withHeader =
  (change: (name: string) => readonly ExactHeader[], is?: "name" | "number"): Kind =>
  (good, random) => {
    const some = good.headers.filter((one) => one.is !== undefined && (is === undefined || one.is === is));
    const chosen = some[random.below(some.length)];
    const headers = good.headers.flatMap((one) =>
      one === chosen ? change(one.name) : [header(one.name, one.text)],
    );
    return { value: good.value, headers };
  };

const withNumber = (text: string): Kind => withHeader((name) => [header(name, text)], "number");

const bytes = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => random.below(256)));

/** A PNG's signature and header chunk, of a picture of this size, and nothing more. */
function pngHeader(size: number): Buffer {
  const chunk = Buffer.from("\0\0\0\rIHDR\0\0\0\0\0\0\0\0\x08\x02\0\0\0\0\0\0\0", "latin1");
  chunk.writeUInt32BE(size, 8);
  chunk.writeUInt32BE(size, 12);
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk]);
}

/** A whole JPEG by its markers, of a picture that would take 12 GB. */
const enormousJpeg = Buffer.from(
  "ffd8ffc0001108ffdcffdc03012200021101031101ffda000c03010002110311003f00aaffd9",
  "hex",
);

const entities = Array.from({ length: 9 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`);
const billionLaughs = `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY e0 "ha">${entities.join("")}]><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>&e9;</text></svg>`;

/** What is wrong with a message whatever its headers are: a topic of pictures, and one of JSON, takes none of these. */
export const valueKinds: Readonly<Record<string, Kind>> = {
  "null value": withValue(() => undefined),
  "empty value": withValue(() => ""),
  "one byte": withValue((_, random) => bytes(random, 1)),
  "cut in half": withValue(({ value }) => value.subarray(0, value.length >> 1)),
  "cut to 16 bytes": withValue(({ value }) => value.subarray(0, 16)),
  "another first byte": withValue(({ value }) => Buffer.concat([Buffer.from([1]), value.subarray(1)])),
  zeros: withValue(() => Buffer.alloc(4096)),
  ones: withValue(() => Buffer.alloc(4096, 0xff)),
  noise: withValue((_, random) => bytes(random, 1024)),
  "64 KiB of noise": withValue((_, random) => bytes(random, 65_536)),
  text: withValue(() => "not what you are looking for"),
  "text that is no UTF-8": withValue(() => Buffer.from([0xc3, 0x28, 0xa0, 0xa1, 0xf0, 0x28])),
  "text in UTF-16": withValue(() => Buffer.from('\ufeff{"id":"x"}', "utf16le")),
  "an empty object": withValue(() => "{}"),
  "an array": withValue(() => "[1, 2, 3]"),
  "JSON null": withValue(() => "null"),
  "half an object": withValue(() => '{"id": "x", "label":'),
  "deep JSON": withValue(() => "[".repeat(20_000)),
  "numbers out of range": withValue(() => '{"id": "x", "seq": 1e999, "device": -1e308, "size": 1e400}'),
  "a prototype": withValue(() => '{"__proto__": {"id": "x"}, "constructor": {}}'),
  "a web page": withValue(() => "<!DOCTYPE html><html><body>404</body></html>"),
  "a JPEG of two markers": withValue(() => Buffer.from([0xff, 0xd8, 0xff, 0xd9])),
  "a JPEG of 4 gigapixels": withValue(() => enormousJpeg),
  "a PNG of 4 gigapixels": withValue(() => pngHeader(65_000)),
  "the beginning of a GIF": withValue(() => "GIF89a"),
  "an SVG that grows": withValue(() => billionLaughs),
  "a packed 8 MiB of zeros": withValue(() => gzipSync(Buffer.alloc(8 * 1024 * 1024))),
  "neither key nor value": (good) => ({ value: undefined, headers: exact(good), keyless: true }),
};

/** What is wrong with the headers of a message whose value is good. */
export const headerKinds: Readonly<Record<string, Kind>> = {
  "no headers": ({ value }) => ({ value, headers: [] }),
  "a missing header": withHeader(() => []),
  "an empty header": withHeader((name) => [header(name, "")]),
  "a null header": withHeader((name) => [header(name, undefined)]),
  "a word for a number": withNumber("seven"),
  "a negative number": withNumber("-1"),
  "a fraction": withNumber("1.5"),
  "a number in scientific notation": withNumber("1e3"),
  "a number beyond 64 bits": withNumber("99999999999999999999"),
  infinity: withNumber("Infinity"),
  "a number with a space": withNumber(" 7"),
  "a hexadecimal number": withNumber("0x10"),
  "a NUL in a name": withHeader((name) => [header(name, "a\0b")], "name"),
  "a name of 5,000 bytes": withHeader((name) => [header(name, "n".repeat(5000))], "name"),
  "a name that is no UTF-8": withHeader((name) => [header(name, Buffer.from([0x61, 0xff, 0xfe]))], "name"),
  "a header of 40 KB": (good) => ({
    value: good.value,
    headers: [...exact(good), header("huge", "h".repeat(40_000))],
  }),
  "3,000 headers": (good) => ({
    value: good.value,
    headers: [...exact(good), ...Array.from({ length: 3000 }, (_, i) => header(`h${i}`, "x"))],
  }),
  "a header twice, the last one wrong": (good) => {
    const number = good.headers.find(({ is }) => is === "number");
    return { value: good.value, headers: [...exact(good), header(number?.name ?? "", "twice")] };
  },
  "a header's name that is no UTF-8": withHeader(() => [[Buffer.from([0xff, 0xfe]), Buffer.from("x")]]),
};
