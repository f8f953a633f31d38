import { describe, expect, it } from "vitest";
import { createMetrics } from "../../common/metrics.ts";
import { CameraMeter, sizeLevel, terminalLine } from "./meter.ts";

const kb = 1024;

function meterAt0() {
  const metrics = createMetrics("test");
  return { metrics, meter: new CameraMeter("gate", 100 * kb, metrics, 0) };
}

describe("sizeLevel", () => {
  it.each([
    [85, "green"],
    [90, "green"],
    [91, "yellow"],
    [100, "yellow"],
    [101, "red"],
  ] as const)("%s KB of 100 are %s", (size, level) => {
    expect(sizeLevel(size * kb, 100 * kb)).toBe(level);
  });
});

describe("CameraMeter", () => {
  it("reports what happened in the interval, and counts on in the totals", () => {
    const { meter } = meterAt0();
    for (let index = 0; index < 100; index += 1) {
      meter.captured((index < 90 ? 50 : 95) * kb);
      meter.acknowledged(index < 95 ? 4 : 40, 50);
    }
    meter.count("dropped", 3);
    const first = meter.report(30, 10_000);
    expect(first).toMatchObject({ camera: "gate", fpsAsked: 30, fpsReached: 10, sizeLevel: "yellow" });
    expect(first.kbMean).toBeCloseTo(54.5, 0);
    expect(first.kbP95).toBeCloseTo(95, 0);
    expect(first.sendP50Ms).toBeCloseTo(4, 1);
    expect(first.sendP99Ms).toBeCloseTo(40, 1);
    expect(first.counts).toMatchObject({ captured: 100, sent: 100, dropped: 3 });
    const second = meter.report(null, 20_000);
    expect(second).toMatchObject({ fpsAsked: null, fpsReached: 0, kbMean: null, sendP99Ms: null });
    expect(second.counts).toMatchObject({ captured: 0, sent: 0, dropped: 0 });
    expect(second.totals).toMatchObject({ captured: 100, sent: 100, dropped: 3 });
  });

  it("shows the same to Prometheus, by camera, from the start", async () => {
    const { meter, metrics } = meterAt0();
    expect(await metrics.registry.metrics()).toContain(
      'video_frames_dropped_total{camera="gate",app="test"} 0',
    );
    new CameraMeter("door", 100 * kb, metrics).count("dropped", 2);
    meter.captured(120 * kb);
    meter.handed(80 * kb, true);
    meter.acknowledged(5, 20);
    meter.stands({ fpsAsked: 24, queued: 2 });
    meter.report(24, 1000);
    const text = await metrics.registry.metrics();
    for (const line of [
      'video_frames_dropped_total{camera="door",app="test"} 2',
      'video_frames_dropped_total{camera="gate",app="test"} 0',
      'video_frames_shrunk_total{camera="gate",app="test"} 1',
      'video_fps_asked{camera="gate",app="test"} 24',
      'video_fps_reached{camera="gate",app="test"} 1',
      'video_frame_size_level{camera="gate",app="test"} 2',
      'video_frames_queued{camera="gate",app="test"} 2',
    ]) {
      expect(text).toContain(line);
    }
    expect(text).toMatch(/video_frame_bytes_bucket\{le="81920",[^}]*camera="gate"[^}]*\} 1/);
    expect(text).toMatch(/video_capture_to_acknowledged_seconds_bucket\{le="0.025",[^}]*\} 1/);
  });
});

describe("terminalLine", () => {
  it("is one line in the colour of the frames' size", () => {
    const { meter } = meterAt0();
    meter.captured(120 * kb);
    const line = terminalLine(meter.report(30, 1000));
    expect(line.startsWith("\u001b[31mgate: 0/30 fps, 120 KB")).toBe(true);
    expect(line).not.toContain("\n");
    expect(terminalLine(meter.report(30, 2000))).toBe(
      "gate: 0/30 fps, no frames, nothing sent, 0 dropped, 0 retries, 0 reconnects",
    );
  });
});
