import type { RawConsumer } from "./consumer-records.ts";
import { type FetchResponse, wrapFetch } from "./fetch-calls.ts";
import { kafkaTuning } from "./kafka-tuning.ts";

/** What a broker waits for before it answers a fetch. */
export interface Gathering {
  /** Bytes that are enough. */
  readonly minBytes: number;
  /** The longest that it waits for them, ms. */
  readonly maxWaitMs: number;
}

/** How a broker without messages is asked: it answers as soon as there is one. */
const first = { minBytes: 1, maxWaitTime: kafkaTuning.fetchMaxWaitMs } as const;

/**
 * Lets messages gather at brokers that have some, and asks those that had none seldom: without it, a consumer that gathers
 * for a tenth of a second asks every broker ten times a second for as long as nothing comes.
 */
export function gather(consumer: Pick<RawConsumer, "fetch">, { minBytes, maxWaitMs }: Gathering): void {
  /** Brokers whose last answer had messages. */
  const busy = new Set<number>();
  const gathered = { minBytes, maxWaitTime: maxWaitMs } as const;
  wrapFetch(consumer, (fetch) => (options, callback) => {
    const { node } = options;
    fetch({ ...options, ...(busy.has(node) ? gathered : first) }, (error, response) => {
      if (!error && hasRecords(response)) busy.add(node);
      else busy.delete(node);
      callback(error, response);
    });
  });
}

function hasRecords(response: FetchResponse): boolean {
  return response.responses.some(({ partitions }) =>
    partitions.some(({ records }) => records !== undefined && records !== null && records.length > 0),
  );
}
