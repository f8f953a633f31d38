import type { Ratio } from "./statistics.ts";

/** A table in Markdown; its columns line up in a terminal too. The first column is text, the others are numbers. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(3, ...all.map((row) => (row[column] ?? "").length)));
  const pad = (text: string, column: number) =>
    column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  const line = (row: readonly string[]) => `| ${header.map((_, i) => pad(row[i] ?? "", i)).join(" | ")} |`;
  const rule = widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(header), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n");
}

/** Three significant digits, without an exponent; a dash for what is not known. */
export function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const decimals = Math.min(4, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)))));
  return value.toFixed(decimals);
}

/** `0.25 (0.23–0.28)`: the median, and the smallest and largest of the rounds. */
export function formatRatio(ratio: Ratio | undefined): string {
  if (ratio === undefined) return "–";
  const { median, low, high } = ratio;
  return `${formatNumber(median)} (${formatNumber(low)}–${formatNumber(high)})`;
}
