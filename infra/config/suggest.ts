/** Edit distance that counts insertions, deletions and substitutions (Levenshtein, two rows). */
export function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...a].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...b].entries()) {
      const substituted = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(substituted, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}

/**
 * The name that was probably meant: the nearest one, when no more than a third of it differs. A name without a
 * dot is also compared with the last part of dotted ones, since leaving the group out is a common slip.
 */
export function suggestion(given: string, names: Iterable<string>): string | undefined {
  const wanted = given.toLowerCase();
  const nearness = (name: string) => {
    const whole = name.toLowerCase();
    const last = whole.slice(whole.lastIndexOf(".") + 1);
    const ends = wanted.includes(".") ? [whole] : [whole, last];
    return Math.min(...ends.map((end) => distance(wanted, end) / Math.max(wanted.length, end.length)));
  };
  const [best] = [...names]
    .map((name) => ({ name, nearness: nearness(name) }))
    .sort((a, b) => a.nearness - b.nearness);
  return best !== undefined && best.nearness <= 1 / 3 ? best.name : undefined;
}
