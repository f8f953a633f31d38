import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type KafkaMessage, type OutgoingMessage, PoisonError } from "../common/kafka-message.ts";
import {
  cameraName,
  decodeVideo,
  encodeEnd,
  encodeFrame,
  type Frame,
  frameFormats,
  frameKeys,
  frameTopic,
  maxFrameMessageBytes,
} from "./frame.ts";
import { fakeJpeg } from "./testing/jpeg.ts";

/** The message as a consumer reads it. */
function delivered({ topic, key, value, headers = {} }: OutgoingMessage): KafkaMessage {
  return {
    topic,
    partition: 0,
    offset: 7n,
    timestampMs: 0,
    key: key === undefined ? undefined : Buffer.from(key),
    value: Buffer.from(value),
    headers: new Map(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
  };
}

const jpegs = fc.uint8Array({ maxLength: 300 }).map((bytes) => fakeJpeg(bytes));
const names = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/);
const rates = fc.constantFrom("30", "30000/1001", "1/2");
// Up to the year 2200, in µs.
const times = fc.integer({ min: 0, max: 7_258_118_400_000_000 });
const frames: fc.Arbitrary<Frame> = fc
  .record({
    camera: names,
    seq: fc.nat(),
    run: fc.stringMatching(/^[a-z0-9.-]{1,40}$/),
    capturedUs: times,
    width: fc.nat(10_000),
    height: fc.nat(10_000),
    codec: fc.constant("jpeg" as const),
    jpeg: jpegs,
    rate: fc.option(rates, { nil: undefined }),
  })
  .map(({ rate, ...frame }) => (rate === undefined ? frame : { ...frame, rate }));
const formats = fc.constantFrom(...frameFormats);

const example: Frame = {
  camera: "gate",
  seq: 3,
  run: "producer-1.abc",
  capturedUs: 1_700_000_000_123_456,
  width: 1280,
  height: 720,
  codec: "jpeg",
  jpeg: fakeJpeg(),
};

/** A message of the example with some headers changed; undefined takes a header away. */
function changed(headers: Record<string, string | undefined>, value?: string | Buffer): KafkaMessage {
  const message = delivered(encodeFrame(example, "t", "jpeg"));
  const pairs = [...message.headers].filter(([name]) => !(name in headers));
  for (const [name, text] of Object.entries(headers))
    if (text !== undefined) pairs.push([name, Buffer.from(text)]);
  return {
    ...message,
    value: value === undefined ? message.value : Buffer.from(value),
    headers: new Map(pairs),
  };
}

describe("a frame", () => {
  it("is read back as it was, in either format and with either key", () => {
    fc.assert(
      fc.property(frames, formats, fc.constantFrom(...frameKeys), (frame, format, keyedBy) => {
        const message = delivered(encodeFrame(frame, "t", format, keyedBy));
        expect(decodeVideo(message, format)).toEqual({ kind: "frame", ...frame });
        expect(message.key?.toString()).toBe(
          keyedBy === "camera" ? frame.camera : `${frame.camera}-${frame.seq}`,
        );
      }),
    );
  });

  it("is passed on without a copy in the format jpeg", () => {
    expect(encodeFrame(example, "t", "jpeg").value).toBe(example.jpeg);
  });

  it("is JSON {frame, timestamp, size} in the format json", () => {
    const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(1532), Buffer.from([0xff, 0xd9])]);
    expect(JSON.parse(String(encodeFrame({ ...example, jpeg }, "t", "json").value))).toEqual({
      frame: jpeg.toString("base64"),
      timestamp: "2023-11-14T22:13:20.123Z",
      size: 1.5,
    });
  });

  it("fits into the largest message of its topic", () => {
    fc.assert(
      fc.property(frames, formats, (frame, format) => {
        const { value, headers = {}, key = "" } = encodeFrame(frame, "t", format);
        const texts = [value, key, ...Object.entries(headers).flat()];
        const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
        expect(bytes).toBeLessThanOrEqual(maxFrameMessageBytes(format, frame.jpeg.length));
      }),
    );
  });
});

describe("the end of a stream", () => {
  it("is read back as it was, in either format", () => {
    fc.assert(
      fc.property(
        names,
        fc.nat(),
        fc.option(rates, { nil: undefined }),
        formats,
        (camera, count, rate, format) => {
          const end = { camera, run: "r.1", frames: count, ...(rate === undefined ? {} : { rate }) };
          const message = delivered(encodeEnd(end, "t"));
          expect(decodeVideo(message, format)).toEqual({ kind: "end", ...end });
          expect(message.key?.toString()).toBe(camera);
        },
      ),
    );
  });
});

describe("poison", () => {
  it.each(["camera", "run", "seq", "captured-us", "width", "height", "codec"])(
    "is a frame without the header %s",
    (header) => {
      expect(() => decodeVideo(changed({ [header]: undefined }), "jpeg")).toThrow(
        new PoisonError(`header ${header} is missing`),
      );
    },
  );

  it.each([
    ["camera", "../../etc/passwd", /no camera's name/],
    ["seq", "-1", /header seq is "-1", not a whole number/],
    ["captured-us", "soon", /header captured-us/],
    ["width", "1.5", /header width/],
    ["codec", "h264", /header codec is h264, not jpeg/],
    ["rate", "0", /no frame rate/],
    ["rate", "30/0", /no frame rate/],
    ["end-of-stream", "many", /header end-of-stream/],
  ])("is a header %s of %s", (header, text, reason) => {
    expect(() => decodeVideo(changed({ [header]: text }), "jpeg")).toThrow(reason);
  });

  it("is a picture that is cut off, or none", () => {
    for (const value of ["", "text", example.jpeg.subarray(0, 5), example.jpeg.subarray(1)]) {
      expect(() => decodeVideo(changed({}, value), "jpeg")).toThrow(PoisonError);
    }
  });

  it.each([
    "not JSON",
    "{}",
    '{"frame":"***","timestamp":"2024-01-01T00:00:00Z","size":1}',
    '{"frame":"/9j/2Q==","timestamp":"yesterday","size":1}',
    '{"frame":"AAAA","timestamp":"2024-01-01T00:00:00Z","size":1}',
  ])("is the JSON value %s", (value) => {
    expect(() => decodeVideo(changed({}, value), "json")).toThrow(PoisonError);
  });

  it("is all that any bytes and headers can make: nothing else is ever thrown", () => {
    const headers = fc.dictionary(
      fc.constantFrom(
        "camera",
        "run",
        "seq",
        "captured-us",
        "width",
        "height",
        "codec",
        "rate",
        "end-of-stream",
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(headers, fc.uint8Array(), formats, (texts, value, format) => {
        try {
          decodeVideo(changed(texts, Buffer.from(value)), format);
        } catch (error) {
          expect(error).toBeInstanceOf(PoisonError);
        }
      }),
    );
  });
});

describe("frameTopic", () => {
  it("takes messages that one frame needs, four thirds of it as Base64", () => {
    const sizes = { name: "gate", partitions: 3, retentionMs: 1000, retentionBytes: 4e6 };
    const jpeg = frameTopic({ ...sizes, format: "jpeg", maxFrameBytes: 102_400 });
    const json = frameTopic({ ...sizes, format: "json", maxFrameBytes: 102_400 });
    expect(jpeg.maxMessageBytes).toBe(102_400 + 65_536);
    expect(json.maxMessageBytes).toBe(136_536 + 65_536);
  });
});

describe("cameraName", () => {
  it("admits no path, and nothing that a file name or a header could not hold", () => {
    for (const name of ["a/b", "..", "", "-a", "a b", "ä", "a".repeat(64)])
      expect(name).not.toMatch(cameraName);
    for (const name of ["gate", "LabTappoCam1", "cam_2-b"]) expect(name).toMatch(cameraName);
  });
});

describe("the name of a run", () => {
  const poisoned = (run: string) => () =>
    decodeVideo(delivered(encodeFrame({ ...example, run }, "frames", "jpeg")), "jpeg");

  it.each(["\u0001".repeat(11_000), "a".repeat(257), "ü".repeat(129), "run\n1"])(
    "is bounded, so that journals can hold it",
    (run) => {
      expect(poisoned(run)).toThrow(PoisonError);
      expect(poisoned(run)).toThrow("header run is no name of a run");
    },
  );

  it("may be any text within that", () => {
    expect(poisoned(`${"a".repeat(250)} é/1`)()).toMatchObject({ kind: "frame" });
  });
});
