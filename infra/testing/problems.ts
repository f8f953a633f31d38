import { ConfigError } from "../config/config.ts";

/** What is wrong with the config that something is done with; empty when nothing is. */
export function problemsOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "";
}
