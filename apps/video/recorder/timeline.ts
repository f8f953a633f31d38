/**
 * From times of capture to frames at a constant rate. A recording has slots of 1/fps each; slot 0 is the time of the
 * first frame. Each frame goes to the slot that its time is in; slots without a frame repeat the one before, and frames
 * whose slot is taken are left out. So the recording lasts as long as what it shows, whatever the rate of its input.
 */
export interface Timeline {
  /** When slot 0 is: µs since the epoch, on the producer's clock. */
  readonly originUs: number;
  /** Time of the newest frame seen, µs since the epoch. */
  readonly lastUs: number;
  /** Slots filled so far. */
  readonly slots: number;
}

export interface TimelineRules {
  readonly fps: number;
  /** Longer pauses between frames are not filled, µs. */
  readonly maxGapUs: number;
  /** Slots of a full recording. */
  readonly maxSlots: number;
}

/** What becomes of a frame. */
export type Placement =
  /** It fills a slot, after `repeats` of the frame before. */
  | { readonly kind: "slot"; readonly repeats: number; readonly next: Timeline }
  /** Its slot is taken: the input is faster than the recording. */
  | { readonly kind: "surplus"; readonly next: Timeline }
  /** It is older than one that was placed. */
  | { readonly kind: "late" }
  /** It belongs to a new recording; this one is to be filled up to `slots`. */
  | { readonly kind: "over"; readonly why: "gap" | "clock" | "length"; readonly slots: number };

/** A frame may be this much of a slot too early for a slot and still fill it, so that jitter does not matter. */
const early = 0.25;
/**
 * And it may be this much late for the slot after the last one. Both together are more than one slot: at equal rates a
 * frame that is repeated or left out for the drift between two clocks puts the next ones far from either limit.
 */
const late = 1;
/** A clock that was set back by more than this makes a new recording; by less, frames wait until it has caught up. */
const maxBackUs = 2_000_000;

/** The timeline of a recording once it has its first frame. */
export function begin(capturedUs: number): Timeline {
  return { originUs: capturedUs, lastUs: capturedUs, slots: 1 };
}

/** Places a frame by its time of capture. */
export function place(timeline: Timeline, capturedUs: number, rules: TimelineRules): Placement {
  const { lastUs, slots } = timeline;
  if (capturedUs < lastUs - maxBackUs) return { kind: "over", why: "clock", slots };
  if (capturedUs <= lastUs) return { kind: "late" };
  if (capturedUs - lastUs > rules.maxGapUs) return { kind: "over", why: "gap", slots };
  const slot = slotOf(timeline, capturedUs, rules.fps);
  if (slot >= rules.maxSlots) return { kind: "over", why: "length", slots: rules.maxSlots };
  if (slot < slots) return { kind: "surplus", next: { ...timeline, lastUs: capturedUs } };
  return { kind: "slot", repeats: slot - slots, next: advance(timeline, capturedUs, rules.fps) };
}

/** The timeline after a frame that {@link place} gave a slot. */
export function advance(timeline: Timeline, capturedUs: number, fps: number): Timeline {
  return { ...timeline, lastUs: capturedUs, slots: slotOf(timeline, capturedUs, fps) + 1 };
}

function slotOf({ originUs, slots }: Timeline, capturedUs: number, fps: number): number {
  const position = ((capturedUs - originUs) * fps) / 1e6;
  return position >= slots && position < slots + late ? slots : Math.floor(position + early);
}
