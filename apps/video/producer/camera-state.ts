/** What is known of a camera at one moment. Times are ms. */
export interface CameraFacts {
  readonly camera: string;
  /** Since the last frame, or since the start when there was none. */
  readonly sinceFrameMs: number;
  readonly frames: number;
  /** How long the oldest unacknowledged frame has been on its way. */
  readonly unacknowledgedMs: number;
  readonly acknowledged: number;
  /** Why Kafka refused the last frame. */
  readonly refused: string | undefined;
  /** What went wrong with the source, until it delivers again. */
  readonly sourceProblem: string | undefined;
  /** Whether the file was played to its end. */
  readonly ended: boolean;
}

/** With no frame for this long a camera does not deliver; with one unacknowledged for as long, Kafka does not. */
export interface Patience {
  readonly frameMs: number;
  readonly kafkaMs: number;
}

/** What is wrong with a camera's pictures; undefined when they come, or came to the end of their file. */
export function captureProblem(facts: CameraFacts, { frameMs }: Patience): string | undefined {
  if (facts.ended || (facts.frames > 0 && facts.sinceFrameMs <= frameMs)) return undefined;
  const seconds = Math.round(facts.sinceFrameMs / 1000);
  const because = facts.sourceProblem === undefined ? "" : `: ${facts.sourceProblem}`;
  return `${facts.frames === 0 ? `no frame yet, after ${seconds} s` : `no frame for ${seconds} s`}${because}`;
}

/** What is wrong with sending a camera's frames; undefined when nothing is. */
export function sendingProblem(facts: CameraFacts, { kafkaMs }: Patience): string | undefined {
  if (facts.refused !== undefined) return `Kafka does not take frames: ${facts.refused}`;
  if (facts.unacknowledgedMs > kafkaMs) {
    return `Kafka has not acknowledged a frame for ${Math.round(facts.unacknowledgedMs / 1000)} s`;
  }
  return facts.acknowledged === 0 ? "no frame acknowledged yet" : undefined;
}

/** Health of the app by part: what is wrong, or undefined. */
export interface AppHealth {
  readonly cameras: string | undefined;
  readonly kafka: string | undefined;
}

/**
 * A part works while it works for at least one camera: one dead camera, or one topic without a leader, must not get
 * the producer restarted under the others. When none works, the reason names each.
 */
export function appHealth(cameras: readonly CameraFacts[], patience: Patience): AppHealth {
  // A camera that sends nothing says nothing of Kafka, unless none sends anything.
  const sending = cameras.filter((facts) => !facts.ended && captureProblem(facts, patience) === undefined);
  return {
    cameras: ofAll(cameras, (facts) => captureProblem(facts, patience)),
    kafka: ofAll(sending.length === 0 ? cameras : sending, (facts) => sendingProblem(facts, patience)),
  };
}

function ofAll(
  cameras: readonly CameraFacts[],
  problem: (facts: CameraFacts) => string | undefined,
): string | undefined {
  const problems = cameras.map((facts) => ({ camera: facts.camera, reason: problem(facts) }));
  if (problems.some(({ reason }) => reason === undefined)) return undefined;
  return problems.map(({ camera, reason }) => `${camera}: ${reason}`).join("; ");
}
