import { z } from "zod";
import { hostName, hostNames } from "./hosts.ts";

const script = z.string().regex(/\S/, "must be a command of the machine's shell");

/** A command of the user's own on machines, one entry of `hosts.commands`. */
const commandEntry = z.strictObject({
  name: hostName,
  /** The machines it is run on; `local` is this one. */
  on: hostNames,
  /** Run when the machine is new to the command. */
  create: script,
  /** Run when the command has changed, in place of `create`. */
  update: script.optional(),
  /** Run at the end. */
  delete: script.optional(),
});
export type CommandEntry = z.infer<typeof commandEntry>;

export const commandList = z.array(commandEntry).superRefine((entries, context) => {
  const names = entries.map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) === index) continue;
    context.addIssue({ code: "custom", path: [index, "name"], message: `${name} is there twice` });
  }
});

/** Values that commands have as variables of their environment. Shorter ones could not be told from what is not secret. */
export const secretMap = z.record(
  z.string().regex(/^[A-Z][A-Z0-9_]*$/, "must be a variable's name, capitals, digits and '_'"),
  z.string().regex(/^.{4,}$/, "must be one line of 4 characters or more"),
);
