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
  return facts.frames > 0 && facts.acknowledged === 0 ? "no frame acknowledged yet" : undefined;
}

/** What is to be told of a part: that it fails, or what it lacks though it works. */
export interface PartHealth {
  readonly level: "failing" | "warning";
  readonly reason: string;
}

/** Health of the app by part; undefined when nothing is to be told. */
export interface AppHealth {
  readonly cameras: PartHealth | undefined;
  readonly kafka: PartHealth | undefined;
}

/**
 * A camera that does not deliver is no failure of the producer, which goes on trying: it is told as a warning, and the
 * app is healthy. Only until the first camera delivers, or has had its time to, the app counts as starting.
 *
 * Kafka works while it works for at least one camera: one topic without a leader must not get the producer restarted
 * under the others. When it works for none, the reason names each.
 */
export function appHealth(cameras: readonly CameraFacts[], patience: Patience): AppHealth {
  // A camera that sends nothing says nothing of Kafka, unless none sends anything.
  const sending = cameras.filter((facts) => !facts.ended && captureProblem(facts, patience) === undefined);
  const kafka = problemsOf(sending.length === 0 ? cameras : sending, (facts) =>
    sendingProblem(facts, patience),
  );
  return {
    cameras: camerasHealth(cameras, patience),
    kafka: kafka.allFail ? { level: "failing", reason: kafka.text } : undefined,
  };
}

function camerasHealth(cameras: readonly CameraFacts[], patience: Patience): PartHealth | undefined {
  const isEarly = (facts: CameraFacts) => facts.frames === 0 && facts.sinceFrameMs <= patience.frameMs;
  const all = problemsOf(cameras, (facts) => captureProblem(facts, patience));
  if (all.allFail && cameras.some(isEarly)) return { level: "failing", reason: all.text };
  const late = problemsOf(cameras, (facts) => (isEarly(facts) ? undefined : captureProblem(facts, patience)));
  return late.text === "" ? undefined : { level: "warning", reason: late.text };
}

function problemsOf(
  cameras: readonly CameraFacts[],
  problem: (facts: CameraFacts) => string | undefined,
): { allFail: boolean; text: string } {
  const told = cameras.map((facts) => ({ camera: facts.camera, reason: problem(facts) }));
  const failing = told.filter(({ reason }) => reason !== undefined);
  return {
    allFail: failing.length === cameras.length,
    text: failing.map(({ camera, reason }) => `${camera}: ${reason}`).join("; "),
  };
}
