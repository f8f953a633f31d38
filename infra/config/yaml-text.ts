import { parseDocument, type YAMLError, type YAMLWarning } from "yaml";
import type { Syntax } from "../../apps/common/structured-text.ts";

/** Errors whose messages are fixed sentences; those of the others quote the text, which may hold a password. */
const fixed: ReadonlySet<string> = new Set([
  "BAD_INDENT",
  "BAD_SCALAR_START",
  "BLOCK_AS_IMPLICIT_KEY",
  "DUPLICATE_KEY",
  "MISSING_CHAR",
]);

/** YAML, of which JSON is a part. What only a YAML program would understand is refused: aliases and tags. */
export const yamlSyntax: Syntax = {
  read(text) {
    const document = parseDocument(text, { logLevel: "silent" });
    const [problem] = [...document.warnings, ...document.errors];
    if (problem !== undefined) return { problem: described(problem) };
    try {
      return { value: document.toJS() };
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error;
      return { problem: `is not valid YAML: ${quoteHint}` };
    }
  },
  write: (value) => JSON.stringify(value),
};

const quoteHint = "put text that begins with * & ! | > % @ or ` in quotes";

function described({ code, message, linePos }: YAMLError | YAMLWarning): string {
  const [start] = linePos ?? [];
  const where = start === undefined ? "" : ` at line ${start.line}, column ${start.col}`;
  const [reason = ""] = message.split(" at line ");
  return `is not valid YAML${where}: ${fixed.has(code) ? reason : quoteHint}`;
}
