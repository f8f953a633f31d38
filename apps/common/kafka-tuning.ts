/** How every app talks to Kafka, as far as it shows in latencies. */
export const kafkaTuning = {
  /** A message counts as sent when all in-sync replicas have it. */
  acks: "all",
  idempotent: true,
  /** A message goes out at once; while a request is under way, what comes meanwhile goes into the next one. */
  lingerMs: 0,
  /** A fetch that finds nothing returns after this time, and partitions that were just assigned wait for it. */
  fetchMaxWaitMs: 2000,
  security: "plaintext, no SASL",
} as const;
