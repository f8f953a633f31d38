import type { CommandEntry } from "../config/commands.ts";
import type { CoreConfig } from "../config/schema.ts";

/** A command of the user's on machines of the lab, in the order in which they are run. */
export interface CommandPlan extends CommandEntry {
  /** What it names of `hosts.secrets`, as variables of its environment. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** The commands with their secrets, so that another value concerns only those that have a use for it. */
export function plannedCommands({ hosts }: Pick<CoreConfig, "hosts">): readonly CommandPlan[] {
  return hosts.commands.map((command) => {
    const text = [command.create, command.update, command.delete].join("\n");
    const used = Object.entries(hosts.secrets).filter(([name]) => new RegExp(`\\b${name}\\b`).test(text));
    return { ...command, secrets: Object.fromEntries(used) };
  });
}
