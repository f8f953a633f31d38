import { describe, expect, it } from "vitest";
import { createMetrics } from "../../apps/common/metrics.ts";
import { parseEventLoopDelay } from "./event-loop.ts";

describe("parseEventLoopDelay", () => {
  it("reads what an app's own metrics say", async () => {
    const delay = parseEventLoopDelay(await createMetrics("test").registry.metrics());
    expect(Object.keys(delay)).toEqual(["meanMs", "p99Ms", "maxMs"]);
    for (const ms of Object.values(delay)) expect(ms).toBeGreaterThanOrEqual(0);
  });

  it("gives milliseconds, and says which metric is missing", () => {
    const text = [
      'nodejs_eventloop_lag_mean_seconds{app="a"} 0.0105',
      'nodejs_eventloop_lag_p99_seconds{app="a"} 0.02',
      'nodejs_eventloop_lag_max_seconds{app="a"} 0.25',
    ];
    expect(parseEventLoopDelay(text.join("\n"))).toEqual({ meanMs: 10.5, p99Ms: 20, maxMs: 250 });
    expect(() => parseEventLoopDelay(text.slice(0, 2).join("\n"))).toThrow(
      "the metrics have no nodejs_eventloop_lag_max_seconds",
    );
  });
});
