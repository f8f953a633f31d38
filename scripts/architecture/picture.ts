import type { Import } from "./imports.ts";

/** Files of tests, and what only they use. */
export function isTest(file: string): boolean {
  return /\.test\.ts$|\/testing\//.test(file);
}

/** A folder, or a file that is in none, one step below another folder: `config` of `infra/config/kinds.ts`. */
export function partOf(file: string, depth: number): string {
  return file.split("/")[depth] ?? file;
}

/**
 * Which folders import which, as a Mermaid diagram: an arrow is an import.
 *
 * @param within a top folder, of which the folders inside are drawn; the top folders themselves when left out
 */
export function picture(imports: readonly Import[], within?: string): string {
  const depth = within === undefined ? 0 : 1;
  const inside = (file: string) => within === undefined || partOf(file, 0) === within;
  const drawn = imports.filter(({ from, to }) => !isTest(from) && inside(from) && inside(to));
  const arrows = drawn.map(({ from, to }) => [partOf(from, depth), partOf(to, depth)] as const);
  const lines = arrows.filter(([from, to]) => from !== to).map(([from, to]) => `  ${from} --> ${to}`);
  return ["graph TD", ...[...new Set(lines)].sort()].join("\n");
}
