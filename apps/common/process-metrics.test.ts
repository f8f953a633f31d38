import { setTimeout as sleep } from "node:timers/promises";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { addProcessMetrics } from "./process-metrics.ts";

/** Keeps this thread busy, ms. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe("addProcessMetrics", () => {
  it("tells how late the event loop was since it was last asked, and the processor time in all", async () => {
    const registry = new Registry();
    addProcessMetrics(registry);
    const read = async () => {
      const all = await registry.getMetricsAsJSON();
      const value = (name: string) => all.find((each) => each.name === name)?.values[0]?.value ?? Number.NaN;
      return {
        cpu: value("process_cpu_seconds_total"),
        late: value("nodejs_eventloop_lag_max_seconds"),
        mean: value("nodejs_eventloop_lag_mean_seconds"),
        busy: value("nodejs_eventloop_utilization"),
      };
    };
    const before = await read();
    // The first look at the loop, after the metrics are read too, has nothing to be compared with.
    await sleep(600);
    block(1000);
    await sleep(600);
    const after = await read();
    expect(after.cpu).toBeGreaterThan(before.cpu);
    // Looked at every 250 ms, a loop that stands for a second is at least 750 ms late.
    expect(after.late).toBeGreaterThan(0.7);
    expect(after.mean).toBeLessThan(after.late);
    expect(after.busy).toBeGreaterThan(0.3);
    await sleep(600);
    expect((await read()).late).toBeLessThan(after.late);
  });
});
