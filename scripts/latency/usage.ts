import { z } from "zod";
import type { LabEngine } from "../lab/access.ts";
import { labContainers } from "../lab/docker.ts";
import { Engine } from "../toolchain/standins/docker/engine.ts";

/** What a container used during a window. */
export interface ContainerUse {
  readonly name: string;
  /** Mean number of processor cores in use. */
  readonly cores: number;
  /** Part of the time in which a processor limit held it back, 0 to 1; 0 where it has none. */
  readonly throttled: number;
  /** Whether it was started anew during the window; what it used before that is not counted then. */
  readonly restarted: boolean;
  /** Larger of the values at the window's two ends, without the page cache; MiB. */
  readonly memoryMB: number;
}

/** A reading of one container's counters. */
export interface Reading {
  readonly name: string;
  /** Changes when the container is started anew, which sets its counters back. */
  readonly startedAt: string;
  readonly atMs: number;
  readonly cpuNs: number;
  readonly throttledNs: number;
  readonly memoryBytes: number;
}

export const engineStats = z.object({
  read: z.iso.datetime({ offset: true }),
  cpu_stats: z.object({
    cpu_usage: z.object({ total_usage: z.number() }),
    throttling_data: z.object({ throttled_time: z.number() }).optional(),
  }),
  memory_stats: z.object({
    usage: z.number().optional(),
    stats: z.record(z.string(), z.number()).optional(),
  }),
});

/**
 * Reads the counters of every running container of the lab, as Docker has them from the kernel. A container that has
 * just ended, or that the engine cannot read the control groups of, has none.
 */
export async function readUsage(engines: readonly LabEngine[]): Promise<Reading[]> {
  const running = (await labContainers(engines)).filter(({ state }) => state === "running");
  const readings = await Promise.all(
    running.map(async ({ name, startedAt, engine: { env } }) => {
      const engine = new Engine();
      engine.connect(env.DOCKER_HOST);
      const answer = await engine.call("GET", `/containers/${name}/stats?stream=false&one-shot=true`);
      return { name, startedAt, ...toReading(engineStats.parse(JSON.parse(answer))) };
    }),
  );
  // The engine's zero time stands for figures that it does not have.
  return readings.filter(({ atMs }) => atMs > 0);
}

/** What the engine says of a container, as a reading. */
export function toReading({
  read,
  cpu_stats,
  memory_stats,
}: z.infer<typeof engineStats>): Omit<Reading, "name" | "startedAt"> {
  const { usage = 0, stats: details = {} } = memory_stats;
  // Pages of files can be dropped whenever memory is short, those in use lately too, which `docker stats` counts; Kafka's
  // logs are such (cgroup v2, then v1).
  const lists = ["inactive_file", "active_file"].map(
    (list) => details[list] ?? details[`total_${list}`] ?? 0,
  );
  const cache = lists.reduce((sum, bytes) => sum + bytes, 0);
  return {
    atMs: Date.parse(read),
    cpuNs: cpu_stats.cpu_usage.total_usage,
    throttledNs: cpu_stats.throttling_data?.throttled_time ?? 0,
    memoryBytes: usage - cache,
  };
}

/** What each container used between two readings; one that was not there at both is left out. */
export function useBetween(before: readonly Reading[], after: readonly Reading[]): ContainerUse[] {
  const first = new Map(before.map((reading) => [reading.name, reading]));
  return after
    .flatMap((last) => {
      const earlier = first.get(last.name);
      if (earlier === undefined) return [];
      const spanNs = (last.atMs - earlier.atMs) * 1e6;
      const restarted = earlier.startedAt !== last.startedAt;
      const start = restarted ? { cpuNs: 0, throttledNs: 0, memoryBytes: 0 } : earlier;
      return [
        {
          name: last.name,
          cores: (last.cpuNs - start.cpuNs) / spanNs,
          throttled: (last.throttledNs - start.throttledNs) / spanNs,
          restarted,
          memoryMB: Math.max(last.memoryBytes, start.memoryBytes) / 1024 ** 2,
        },
      ];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
