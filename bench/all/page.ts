/** What a bench printed, and under which circumstances. */
export interface Outcome {
  readonly name: string;
  /** As it is typed at the checkout's root. */
  readonly command: string;
  /** What it wrote to its standard output. */
  readonly printed: string;
  /** Machine, versions and load, in a line. */
  readonly about: string;
  /** Pictures that it drew, from the page's folder. */
  readonly pictures: readonly string[];
}

const begin = (name: string): string => `<!-- measured: ${name} -->`;
const end = (name: string): string => `<!-- end of ${name} -->`;

/**
 * The page with what a bench printed in its place: between the comments that name it, or at the end where there are none
 * yet. What people wrote around it stays.
 */
export function withOutcome(page: string, outcome: Outcome): string {
  const { name } = outcome;
  const block = `${begin(name)}\n${describe(outcome)}\n${end(name)}`;
  const from = page.indexOf(begin(name));
  const to = page.indexOf(end(name));
  if (from < 0 || to < from) return `${page.trimEnd()}\n\n## Last run of bench/${name}\n\n${block}\n`;
  return page.slice(0, from) + block + page.slice(to + end(name).length);
}

function describe({ name, command, printed, about, pictures }: Outcome): string {
  return [
    `\`${command}\`: ${about}.`,
    "",
    "```",
    printed.trim(),
    "```",
    ...pictures.flatMap((picture) => ["", `![${name}](${picture})`]),
  ].join("\n");
}
