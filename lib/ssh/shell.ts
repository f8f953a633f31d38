/** A word of a shell script, quoted so that the shell takes it as it is. */
export function shellWord(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
