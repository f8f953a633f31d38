import { SshError } from "../../lib/ssh/run.ts";

/** A failure meant for people: what is wrong, and the exact command or change that mends it. */
export class ToolchainError extends Error {
  readonly fix: string;

  constructor(what: string, fix: string) {
    super(what);
    this.name = "ToolchainError";
    this.fix = fix;
  }
}

/** Several independent failures, reported together rather than one run at a time. */
export class SeveralErrors extends Error {
  readonly errors: readonly Error[];

  constructor(errors: readonly Error[]) {
    super(errors.map((error) => error.message).join("; "));
    this.name = "SeveralErrors";
    this.errors = errors;
  }
}

/** Text for the terminal: our own errors without a stack trace, anything unforeseen with one. */
export function describeError(error: unknown): string {
  if (error instanceof SeveralErrors) return error.errors.map(describeError).join("\n");
  if (error instanceof ToolchainError) return `error: ${error.message}\n  fix: ${indent(error.fix)}`;
  if (error instanceof SshError) return `error: ${error.message}`;
  if (error instanceof Error) return `error: ${error.stack ?? error.message}`;
  return `error: ${String(error)}`;
}

/** Runs a command's main function: prints its failure in words and exits with 1. */
export async function runMain(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 1;
  }
}

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function indent(text: string): string {
  return text.trim().split("\n").join("\n       ");
}
