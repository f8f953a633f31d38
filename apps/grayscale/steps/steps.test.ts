import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { PoisonError } from "../../common/kafka-message.ts";
import { fakeJpeg } from "../../media/testing/jpeg.ts";
import { stepName } from "../contract.ts";
import { colourFrame } from "../testing/frames.ts";
import { stepNames, steps } from "./registry.ts";

const { signal } = new AbortController();
const video = { camera: "file", run: "1", frames: 2, rate: "30", width: 161, height: 121 };

async function pixels(jpeg: Buffer) {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  return { at: (x: number, y: number) => data[(y * info.width + x) * info.channels] ?? -1, info };
}

describe.each(stepNames)("step %s", (name) => {
  const step = steps[name];

  it("is listed under its own name, which can be part of a file's name", () => {
    expect(step.name).toBe(name);
    expect(name).toMatch(stepName);
  });

  it("makes a single-channel JPEG of the same size", async () => {
    const { jpeg } = await colourFrame(video, 0);
    const { format, width, height, channels, space } = await sharp(
      await step.process(jpeg, { signal }),
    ).metadata();
    expect({ format, width, height, channels, space }).toEqual({
      format: "jpeg",
      width: 161,
      height: 121,
      channels: 1,
      space: "b-w",
    });
  });

  it.each([
    ["junk between the marks of a JPEG", async () => Buffer.from("ffd8deadbeefffd9", "hex")],
    [
      "a JPEG whose data were cut out",
      async () => {
        const { jpeg } = await colourFrame(video, 0);
        return Buffer.concat([jpeg.subarray(0, Math.floor(jpeg.length * 0.7)), Buffer.from("ffd9", "hex")]);
      },
    ],
  ])("refuses %s for good", async (_what, make) => {
    await expect(step.process(await make(), { signal })).rejects.toThrow(PoisonError);
  });

  it("decodes no picture that claims to be too large for memory", async () => {
    const bomb = step.process(fakeJpeg(undefined, 10_900, 10_900), { signal });
    await expect(bomb).rejects.toThrow(PoisonError);
    await expect(bomb).rejects.toThrow(/pixel limit/);
  });
});

describe("grayscale", () => {
  it("gives each colour its luma (ITU-R BT.601, as JPEG has it), within a few levels", async () => {
    const luma = { "#ff0000": 76, "#00ff00": 150, "#0000ff": 29, "#ffffff": 255, "#000000": 0 };
    for (const [background, expected] of Object.entries(luma)) {
      const flat = await sharp({ create: { width: 32, height: 32, channels: 3, background } })
        .jpeg()
        .toBuffer();
      const got = (await pixels(await steps.grayscale.process(flat, { signal }))).at(16, 16);
      expect(Math.abs(got - expected), `${background}: ${got}`).toBeLessThanOrEqual(3);
    }
  });
});

describe("grayscale of what is gray", () => {
  it("leaves it as it is", async () => {
    const flat = sharp({ create: { width: 32, height: 32, channels: 3, background: "#808080" } });
    const gray = await flat.toColourspace("b-w").jpeg().toBuffer();
    const got = (await pixels(await steps.grayscale.process(gray, { signal }))).at(5, 5);
    expect(Math.abs(got - 128)).toBeLessThanOrEqual(2);
  });
});

describe("edges", () => {
  it("is black on even ground and bright where a bright half begins", async () => {
    const right = await sharp({ create: { width: 50, height: 80, channels: 3, background: "#ffffff" } })
      .png()
      .toBuffer();
    const halves = await sharp({ create: { width: 100, height: 80, channels: 3, background: "#000000" } })
      .composite([{ input: right, left: 50, top: 0 }])
      .jpeg({ quality: 95 })
      .toBuffer();
    const { at } = await pixels(await steps.edges.process(halves, { signal }));
    expect(at(20, 40)).toBeLessThan(16);
    expect(at(80, 40)).toBeLessThan(16);
    expect(Math.max(at(49, 40), at(50, 40), at(51, 40), at(52, 40))).toBeGreaterThan(80);
  });
});
