import { samplesOf } from "../../lib/metrics.ts";

/** How late an app's event loop was, ms, since the metrics were read last (which resets them). */
export interface EventLoopDelay {
  readonly app: string;
  readonly meanMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const names = {
  meanMs: "nodejs_eventloop_lag_mean_seconds",
  p99Ms: "nodejs_eventloop_lag_p99_seconds",
  maxMs: "nodejs_eventloop_lag_max_seconds",
} as const;

const requestMs = 5000;

/** Reads an app's event-loop delay from its metrics. @param url base URL @throws when the app does not answer */
export async function eventLoopDelay(app: string, url: string): Promise<EventLoopDelay> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(requestMs) });
  if (!response.ok) throw new Error(`${url}/metrics answered ${response.status}`);
  return { app, ...parseEventLoopDelay(await response.text()) };
}

/** @param text Prometheus text format @throws when a metric is not there */
export function parseEventLoopDelay(text: string): Omit<EventLoopDelay, "app"> {
  const valueMs = (name: string): number => {
    const [sample] = samplesOf(text, name);
    if (sample === undefined) throw new Error(`the metrics have no ${name}`);
    // Without a sample in the interval the histogram behind it has no value.
    return Number.isNaN(sample.value) ? 0 : sample.value * 1000;
  };
  return { meanMs: valueMs(names.meanMs), p99Ms: valueMs(names.p99Ms), maxMs: valueMs(names.maxMs) };
}
