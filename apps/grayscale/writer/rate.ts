/** Frames a second as a fraction in lowest terms. */
export interface Rate {
  readonly num: number;
  readonly den: number;
}

/** MPEG-4 Part 2 counts time in at most this many parts of a second (ISO/IEC 14496-2, vop_time_increment_resolution). */
const maxResolution = 65_535;

/**
 * The rate that MPEG-4 Part 2 can have: `text` itself if possible, else the nearest fraction that is small enough, by
 * continued fractions.
 *
 * @param text a whole number or a fraction of whole numbers above 0, such as `30` or `30000/1001`
 * @throws RangeError when it is neither
 */
export function mpeg4Rate(text: string): Rate {
  const match = /^([1-9]\d{0,8})(?:\/([1-9]\d{0,8}))?$/.exec(text);
  if (match === null) throw new RangeError(`${JSON.stringify(text.slice(0, 40))} is no frame rate`);
  let [num, den] = [Number(match[1]), Number(match[2] ?? 1)];
  let [before, best] = [
    { num: 0, den: 1 },
    { num: 1, den: 0 },
  ];
  while (den !== 0) {
    const whole = Math.floor(num / den);
    const next = { num: whole * best.num + before.num, den: whole * best.den + before.den };
    if (next.num > maxResolution || next.den > maxResolution) break;
    [before, best] = [best, next];
    [num, den] = [den, num - whole * den];
  }
  if (best.den === 0 || best.num === 0)
    throw new RangeError(`a frame rate of ${text} is beyond what a video can have`);
  return best;
}

export function formatRate({ num, den }: Rate): string {
  return den === 1 ? String(num) : `${num}/${den}`;
}
