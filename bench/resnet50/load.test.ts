import { describe, expect, it } from "vitest";
import { pause } from "../../apps/common/retry.ts";
import { load } from "./load.ts";

const { signal } = new AbortController();
const images = [Buffer.from("a"), Buffer.from("b")];

describe("load", () => {
  it("keeps as many under way as it was told, takes images in turn, and counts what ends in the window", async () => {
    let underWay = 0;
    let most = 0;
    const seen: string[] = [];
    const classify = async (image: Buffer) => {
      underWay += 1;
      most = Math.max(most, underWay);
      seen.push(image.toString());
      await pause(5);
      underWay -= 1;
    };
    const { perSecond, latenciesMs } = await load(classify, images, {
      concurrency: 3,
      warmUpMs: 20,
      windowMs: 200,
      signal,
    });
    expect(most).toBe(3);
    expect(underWay).toBe(0);
    expect(seen.slice(0, 4)).toEqual(["a", "b", "a", "b"]);
    expect(latenciesMs.length).toBeLessThan(seen.length);
    expect(perSecond).toBeCloseTo(latenciesMs.length / 0.2);
  });

  it("ends with the first that fails", async () => {
    const failing = () => Promise.reject(new Error("no model"));
    await expect(
      load(failing, images, { concurrency: 2, warmUpMs: 0, windowMs: 1000, signal }),
    ).rejects.toThrow("no model");
  });
});
