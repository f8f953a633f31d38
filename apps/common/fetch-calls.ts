import type { RawConsumer } from "./consumer-records.ts";

type Fetch = RawConsumer["fetch"];
export type FetchOptions = Parameters<Fetch>[0];
export type FetchResponse = Awaited<ReturnType<Fetch>>;

/** How the client's stream fetches: by this method of its consumer, always with a callback. */
export type FetchWithCallback = (
  options: FetchOptions,
  callback: (error: Error | null, response: FetchResponse) => void,
) => void;

/** Has a consumer's fetches go through what `wrap` makes of its own. */
export function wrapFetch(
  consumer: Pick<RawConsumer, "fetch">,
  wrap: (fetch: FetchWithCallback) => FetchWithCallback,
): void {
  consumer.fetch = wrap(consumer.fetch.bind(consumer) as FetchWithCallback) as Fetch;
}
