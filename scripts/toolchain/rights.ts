import { attempt } from "./run.ts";

/** How commands that need root are run: directly, through sudo without a password, or not at all. */
export type Rights = "root" | "sudo" | "none";

export async function rights(): Promise<Rights> {
  if (process.getuid?.() === 0) return "root";
  return !(await attempt("sudo", ["-n", "true"])).failed ? "sudo" : "none";
}

/** `command` as it is run with these rights. */
export function privileged(
  have: Rights,
  command: readonly string[],
): [file: string, args: readonly string[]] {
  const [file = "true", ...args] = have === "sudo" ? ["sudo", "-n", ...command] : command;
  return [file, args];
}

/** `command` as a person would type it. */
export function typed(command: string): string {
  return process.getuid?.() === 0 ? command : `sudo ${command}`;
}
