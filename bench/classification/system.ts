/** An image that was due, and how long after that its result was there; Infinity when it did not come in time. */
export interface Fate {
  readonly dueUs: number;
  readonly latencyMs: number;
}

/** A pipeline under test. */
export interface System {
  readonly name: string;
  /** Starts all but the producers. */
  start(): Promise<void>;
  /** Starts producers, each with so many images a second, and resolves when results come back. */
  startLoad(perSecond: number): Promise<void>;
  /** Ends the producers. @returns what became of their images */
  endLoad(): Promise<Fate[]>;
  stop(): Promise<void>;
}

export const producerCount = 4;
/** An image whose result takes longer counts as lost; so does one of a window that has no result this much after it. */
export const timeoutMs = 3000;
