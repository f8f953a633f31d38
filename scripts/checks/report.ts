import { formatSeconds, renderTable } from "../../lib/table.ts";

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What became of a test file. One that fails without a failed test (it cannot be loaded, a hook threw) counts as one. */
export interface FileReport extends Counts {
  /** Path from the root of the checkout. */
  readonly file: string;
  /** From its first hook to its last. */
  readonly seconds: number;
}

export function sumCounts(all: readonly Counts[]): Counts {
  const sum = (pick: (counts: Counts) => number): number =>
    all.reduce((total, counts) => total + pick(counts), 0);
  return { passed: sum((c) => c.passed), failed: sum((c) => c.failed), skipped: sum((c) => c.skipped) };
}

/** `N passed, N failed`, and `, N skipped` when some were. */
export function formatCounts({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** What each file took, the longest first; beyond `most` of them, the others together. */
export function timesTable(files: readonly FileReport[], most: number): string {
  const sorted = files.toSorted((a, b) => b.seconds - a.seconds);
  const row = (name: string, some: readonly FileReport[]) => [
    name,
    formatSeconds(some.reduce((total, { seconds }) => total + seconds, 0)),
    formatCounts(sumCounts(some)),
  ];
  const [shown, others] = [sorted.slice(0, most), sorted.slice(most)];
  return renderTable(
    ["file", "took", "tests"],
    [
      ...shown.map((one) => row(one.file, [one])),
      ...(others.length === 0 ? [] : [row(`${others.length} others`, others)]),
    ],
  );
}
