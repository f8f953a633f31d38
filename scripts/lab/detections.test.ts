import { describe, expect, it } from "vitest";
import { createMetrics } from "../../apps/common/metrics.ts";
import { alerterMeters } from "../../apps/sensors/alerter/meters.ts";
import { describeDetections, readDetections } from "./detections.ts";

/** The metrics of an alerter that judged so many readings of pressure, each with this verdict and truth. */
async function metricsOf(judged: readonly (readonly [boolean, boolean | undefined])[]): Promise<string> {
  const metrics = createMetrics("sensors-alerter");
  const count = alerterMeters(metrics, { devices: 0, raised: 0 });
  const outcomes = judged.map(([anomalous, truth]) => ({
    type: "pressure" as const,
    fate: "judged" as const,
    anomalous,
    truth,
  }));
  count({ alerts: [], rejections: [], refusals: [], outcomes });
  return metrics.registry.metrics();
}

describe("detections", () => {
  it("are summed over alerters and told with precision and recall", async () => {
    const texts = [
      await metricsOf([
        [true, true],
        [true, true],
        [false, true],
        [false, false],
      ]),
      await metricsOf([
        [true, true],
        [true, false],
        [true, undefined],
      ]),
    ];
    const detections = readDetections(texts);
    expect(detections.get("pressure")).toEqual({ hit: 3, false_alarm: 1, miss: 1, rest: 1 });
    const lines = describeDetections(detections).split("\n");
    expect(lines.find((line) => line.includes("pressure"))).toMatch(
      /6 .*4 .*3 .*1 .*75\.0 % .*75\.0 % .*75\.0 %/,
    );
    expect(lines.some((line) => line.includes("motion"))).toBe(false);
  });

  it("say of nothing that there is nothing to say", async () => {
    const detections = readDetections([await metricsOf([])]);
    expect(describeDetections(detections)).toMatch(/all .*0 .*–/);
  });
});
