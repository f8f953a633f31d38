import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { Counter, Gauge, type Registry } from "prom-client";

/**
 * How often it is looked how late the event loop is, ms. Each look wakes the process: every 10 ms, as prom-client's own
 * metrics do, they were three of four wake-ups of an app with ten messages a second.
 */
const lookEveryMs = 250;

/**
 * Metrics of a Node process under the names that they usually have: processor time, memory, event loop. All but how late
 * the event loop was are only found out when they are read; that is counted since the last time.
 */
export function addProcessMetrics(registry: Registry): void {
  const registers = [registry];
  const gauge = (name: string, help: string, value: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(value()) });
  };
  let countedMs = 0;
  const seconds: Counter = new Counter({
    name: "process_cpu_seconds_total",
    help: "Processor time of the process, user and system.",
    registers,
    collect: () => {
      const { user, system } = process.cpuUsage();
      const ms = (user + system) / 1000;
      seconds.inc((ms - countedMs) / 1000);
      countedMs = ms;
    },
  });
  const startedSeconds = performance.timeOrigin / 1000;
  gauge("process_start_time_seconds", "Start of the process, seconds since the epoch.", () => startedSeconds);
  gauge("process_resident_memory_bytes", "Memory that the process has.", () => process.memoryUsage.rss());
  gauge(
    "nodejs_heap_size_used_bytes",
    "JavaScript's heap that is in use.",
    () => process.memoryUsage().heapUsed,
  );
  gauge(
    "nodejs_external_memory_bytes",
    "Memory of buffers and of native code.",
    () => process.memoryUsage().external,
  );

  const delay = monitorEventLoopDelay({ resolution: lookEveryMs });
  delay.enable();
  // The time between two looks, that between them included; NaN before the second one.
  const lateSeconds = (ns: number): number => Math.max(0, ns / 1e9 - lookEveryMs / 1000);
  gauge("nodejs_eventloop_lag_mean_seconds", "How late the event loop was: mean.", () =>
    lateSeconds(delay.mean),
  );
  gauge("nodejs_eventloop_lag_p99_seconds", "How late the event loop was: 99th percentile.", () =>
    lateSeconds(delay.percentile(99)),
  );
  // The last of the three to be read.
  gauge("nodejs_eventloop_lag_max_seconds", "How late the event loop was at most.", () => {
    const most = lateSeconds(delay.max);
    delay.reset();
    return most;
  });
  let since = performance.eventLoopUtilization();
  gauge("nodejs_eventloop_utilization", "Part of the time in which the event loop did not wait.", () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, since);
    since = now;
    return utilization;
  });
}
