import type { Context } from "../../lib/provider/handler.ts";

/** What a handler of the provider is called with, where nobody listens and nothing is cancelled. */
export const quietContext: Context = {
  urn: "urn",
  signal: new AbortController().signal,
  log: async () => {},
  status: async () => {},
};
