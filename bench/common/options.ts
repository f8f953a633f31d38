import { ToolchainError } from "../../scripts/toolchain/errors.ts";

/** Reads the values of one bench's options; what is wrong is thrown with its usage. */
export class OptionReader {
  readonly #usage: string;

  constructor(usage: string) {
    this.#usage = usage;
  }

  fail(what: string): never {
    throw new ToolchainError(what, this.#usage);
  }

  /** Runs node's parseArgs. @throws ToolchainError with the first sentence of its explanation */
  parse<T>(parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      return this.fail(text.split(". ")[0] ?? text);
    }
  }

  number(name: string, text: string, min: number, max: number): number {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max
      ? value
      : this.fail(`--${name} ${text} is not a number from ${min} to ${max}`);
  }

  whole(name: string, text: string, min: number, max: number): number {
    const value = this.number(name, text, min, max);
    return Number.isInteger(value) ? value : this.fail(`--${name} ${text} is not a whole number`);
  }

  /** Items of a comma list, each one of `allowed`, each once. */
  choice<const T extends string>(name: string, text: string, allowed: readonly T[]): T[] {
    const items = text
      .split(",")
      .map(
        (item) =>
          allowed.find((one) => one === item) ??
          this.fail(`--${name}: ${JSON.stringify(item)} is not one of ${allowed.join(", ")}`),
      );
    return [...new Set(items)];
  }

  /** `host:port,…`. */
  servers(name: string, text: string): string[] {
    const servers = text.split(",");
    const wrong = servers.find((server) => !/^[^\s,:]+:\d{1,5}$/.test(server));
    return wrong === undefined ? servers : this.fail(`--${name}: ${JSON.stringify(wrong)} is not host:port`);
  }
}
