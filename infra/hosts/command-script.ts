import { shellWord } from "../../lib/ssh/shell.ts";

/** Puts `[secret]` in place of the values of variables, in text that it reads. */
const mask = `
BEGIN { count = split(list, names, " ") }
{
  for (each = 1; each <= count; each++) {
    value = ENVIRON[names[each]]
    done = ""
    while ((at = index($0, value)) > 0) {
      done = done substr($0, 1, at - 1) "[secret]"
      $0 = substr($0, at + length(value))
    }
    $0 = done $0
  }
  print
}`;

/**
 * A command of the user's as it is run: where it has secrets, it takes them from standard input ({@link secretLines}),
 * so that none is in a command line, and what it says is told at its end, without them. The provider would tell it as it
 * comes, in errors too.
 */
export function commandScript(command: string, secrets: Readonly<Record<string, string>>): string {
  const names = longestFirst(secrets).map(([name]) => name);
  if (names.length === 0) return command;
  return [
    'eval "$(cat)"',
    `work() {\n:\n${command}\n}`,
    // Not within a condition, where the shell would ignore a `set -e` of the command's.
    "said=$(work 2>&1)",
    "status=$?",
    `printf '%s\\n' "$said" | awk -v list=${shellWord(names.join(" "))} ${shellWord(mask)}`,
    "exit $status",
  ].join("\n");
}

/** What its standard input must be. */
export function secretLines(secrets: Readonly<Record<string, string>>): string {
  return Object.entries(secrets)
    .map(([name, value]) => `export ${name}=${shellWord(value)}\n`)
    .join("");
}

/** A secret may be a part of another one. */
function longestFirst(secrets: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(secrets).sort(([, a], [, b]) => b.length - a.length);
}
