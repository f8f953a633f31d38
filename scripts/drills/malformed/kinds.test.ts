import { describe, expect, it } from "vitest";
import { readOrigin } from "../../../apps/classification/classifier/messages.ts";
import { decode, type InputCard } from "../../../apps/classification/classifier/preprocess.ts";
import { imageRow } from "../../../apps/classification/recorder/rows.ts";
import { parseResult } from "../../../apps/classification/result.ts";
import { checkSizes } from "../../../apps/common/dead-letter.ts";
import type { ExactMessage, KafkaMessage } from "../../../apps/common/kafka-message.ts";
import { Random } from "../../../apps/common/random.ts";
import { decodeProcessed } from "../../../apps/grayscale/contract.ts";
import { decodeVideo, encodeFrame } from "../../../apps/media/frame.ts";
import { type Probe, probeValue } from "../../../lib/probe.ts";
import { kindsOf, malformed, malformedNumber } from "./messages.ts";

const png =
  "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgAQMAAABJtOi3AAAAA1BMVEUzZqqE8+DEAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAADElEQVQI12NgGNwAAACgAAFhJX1HAAAAAElFTkSuQmCC";
const number = "{seq}";
const images: Probe = {
  topic: "images",
  key: "{run}",
  headers: {
    id: "{run}.{seq}",
    producer: "{run}",
    device: "{lane}",
    seq: number,
    "scheduled-us": "{us}",
    "sent-us": "{us}",
  },
  value: { base64: png },
  id: { headers: ["id"] },
  ends: [],
};
const frame = { camera: "c", run: "r", seq: 0, capturedUs: 0, width: 16, height: 16, codec: "jpeg" } as const;
const jpeg = Buffer.from("ffd8ffc0000b080010001001011100ffda0008010100003f00aaffd9", "hex");
const encoded = encodeFrame({ ...frame, jpeg }, "frames", "jpeg").headers ?? {};
const frames: Probe = {
  topic: "frames",
  key: "{run}",
  headers: {
    ...Object.fromEntries(Object.entries(encoded).map(([name, text]) => [name, String(text)])),
    camera: "{run}",
    run: "{run}",
    seq: number,
    "captured-us": "{us}",
  },
  value: { base64: jpeg.toString("base64") },
  id: { headers: ["run", "seq"] },
  ends: [],
};

/** The message as its consumers read it. */
const received = ({ topic, key, value, headers }: ExactMessage): KafkaMessage => ({
  topic,
  partition: 0,
  offset: 0n,
  timestampMs: 0,
  key,
  value,
  headers: new Map(headers.map(([name, content]) => [String(name), content ?? Buffer.alloc(0)])),
  exactHeaders: headers,
});

const card: InputCard = {
  width: 8,
  height: 8,
  layout: "NCHW",
  channels: "RGB",
  resize: "cover",
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
};

const consumers: readonly {
  readonly topic: string;
  readonly probe: Probe | undefined;
  /** Throws when one of the topic's consumers refuses the message. */
  take(message: KafkaMessage): Promise<unknown>;
}[] = [
  {
    topic: "images",
    probe: images,
    take: async (message) => {
      readOrigin(message);
      imageRow(message, 1_000_000, { fromMs: 0, toMs: Number.POSITIVE_INFINITY });
      await decode(message.value ?? Buffer.alloc(0), card, 50_000_000);
    },
  },
  { topic: "image-results", probe: undefined, take: async ({ value }) => parseResult(value) },
  { topic: "frames", probe: frames, take: async (message) => decodeVideo(message, "jpeg") },
  { topic: "json-frames", probe: undefined, take: async (message) => decodeVideo(message, "json") },
  { topic: "processed-frames", probe: undefined, take: async (message) => decodeProcessed(message) },
];

describe.each(consumers)("malformed messages of $topic", ({ topic, probe, take }) => {
  const kinds = [...kindsOf(probe).keys()];

  it.each(kinds)("are refused: %s", async (kind) => {
    const all = malformed({ topic, probe, run: "drill-1", count: 3 * kinds.length }, new Random(1));
    const some = all.filter((one) => one.kind === kind);
    expect(some).toHaveLength(3);
    for (const { message } of some) {
      const { fit } = checkSizes([received(message)]);
      for (const one of fit) {
        await expect(take(one)).rejects.toThrow(
          expect.objectContaining({ name: expect.stringMatching(/^(PoisonError|NotAnImage)$/) }),
        );
      }
    }
  });
});

describe("malformed messages", () => {
  it("would be taken were they not malformed", async () => {
    for (const { topic, probe, take } of consumers) {
      if (probe === undefined) continue;
      const [bad] = malformed({ topic, probe, run: "drill-1", count: 1 }, new Random(1));
      const headers = Object.keys(probe.headers).map(
        (name) =>
          [
            Buffer.from(name),
            Buffer.from(/us|seq|device|width|height/.test(name) ? "1" : name === "codec" ? "jpeg" : "x"),
          ] as const,
      );
      const value = probeValue(probe, { run: "drill-1", seq: 0, lane: 0, us: 0 });
      await take(received({ topic, key: bad?.message.key, value, headers }));
    }
  });

  it("are of forty kinds and more, and are known by their letters", () => {
    expect(kindsOf(images).size).toBeGreaterThanOrEqual(40);
    const all = malformed({ topic: "images", probe: images, run: "drill-1", count: 100 }, new Random(7));
    const numbers = all.map(({ message }) => malformedNumber("drill-1", received(message)));
    expect(numbers).toEqual(all.map((_, i) => i));
    expect(malformedNumber("drill-2", { key: Buffer.from("drill-1.3"), headers: new Map() })).toBeUndefined();
  });
});
