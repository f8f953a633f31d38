import { nowUs } from "../../common/clock.ts";
import type { HttpServer } from "../../common/http.ts";
import type { Arrivals } from "../contract.ts";
import type { Sample } from "./matcher.ts";
import type { Counts, Run } from "./run.ts";

/** How a run sends. */
export interface RunSettings {
  /** Images a second, of all its devices together. */
  readonly perSecond: number;
  readonly arrivals: Arrivals;
  /** Seed of Poisson arrivals. */
  readonly seed: number;
  readonly devices: number;
  readonly resultTimeoutMs: number;
}

/** Answer of `GET /latencies`. */
export interface Latencies {
  readonly producer: string;
  /** Names this run of the producer, whose samples are numbered from 0; null before it has begun. */
  readonly run: string | null;
  /** When this was answered: µs of the producer's clock. */
  readonly nowUs: number;
  /** What the run was told to do; null before it has begun. */
  readonly settings: RunSettings | null;
  /** Number of the first sample in the answer; above what was asked for when those before it are gone. */
  readonly from: number;
  /** What to ask for next time as `since`. */
  readonly next: number;
  /** What the run has counted so far. */
  readonly counts: Counts | undefined;
  readonly samples: readonly Sample[];
}

/**
 * `GET /latencies?since=<number>`: the samples from that number on (0 by default), numbered in the order in which
 * the fate of their images was known: one for each image, lost ones included, and one more for each late result. Times are µs of this producer's clock, save `pickedUs`, which is of the classifier's.
 */
export function latencyRoute(
  server: HttpServer,
  producer: string,
  current: () => Run | undefined,
  settings: Omit<RunSettings, "seed">,
): void {
  server.get<{ Querystring: { since?: string } }>("/latencies", async (request, reply) => {
    const since = request.query.since ?? "0";
    if (!/^\d{1,15}$/.test(since)) {
      return reply.code(400).send({ error: `since=${since} is not a sample number; expected 0 or more` });
    }
    const run = current();
    const { from, items } = run?.samples.since(Number(since)) ?? { from: 0, items: [] };
    const next = run?.samples.next ?? 0;
    const latencies: Latencies = {
      producer,
      run: run?.idPrefix ?? null,
      settings: run === undefined ? null : { ...settings, seed: run.seed },
      nowUs: nowUs(),
      from,
      next,
      counts: run?.counts,
      samples: items,
    };
    return reply.send(latencies);
  });
}
