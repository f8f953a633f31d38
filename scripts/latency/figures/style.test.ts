import { describe, expect, it } from "vitest";
import { curveStyle, textWidth, wrap } from "./style.ts";

describe("curveStyle", () => {
  it("tells one to four producers apart by colour and by dash", () => {
    const styles = [1, 2, 3, 4].map(curveStyle);
    expect(new Set(styles.map(({ colour }) => colour)).size).toBe(4);
    expect(new Set(styles.map(({ dash }) => dash.join())).size).toBe(4);
  });
});

describe("wrap", () => {
  const words = "latency of every image, lost or late ones included, by its intended sending time";

  it("keeps every word and no line longer than asked", () => {
    const lines = wrap(words, 200);
    expect(lines.join(" ")).toBe(words);
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(200);
  });

  it("breaks no word, not even one too long, and makes nothing of nothing", () => {
    expect(wrap("incomprehensibilities a", 10)).toEqual(["incomprehensibilities", "a"]);
    expect(wrap("", 10)).toEqual([]);
  });
});
