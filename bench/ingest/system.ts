/** A pipeline under test: simulated devices → Kafka → alerts, and readings and alerts → PostgreSQL. */
export interface System {
  readonly name: string;
  /** Table in which its readings end, with the condition that tells them from others. */
  readonly rows: string;
  /** Starts all of it, with so many readings a second. */
  start(perSecond: number): Promise<void>;
  /** Ends it, and takes its rows away. */
  stop(): Promise<void>;
}

/** Simulated devices. */
export const deviceCount = 1000;
export const anomalyProbability = 0.05;
