import { randomBytes } from "node:crypto";
import type { z } from "zod";
import { checkInputs } from "../../../../lib/provider/check.ts";
import { diffInputs } from "../../../../lib/provider/diff.ts";
import type { Context, ResourceHandler } from "../../../../lib/provider/server.ts";
import type { LocalInputs } from "./inputs.ts";

/** What became of a command: what it said on both streams, as it came, and on each. */
export interface Ran {
  /** How it ended, where it did not end well: `exit status 3`. */
  readonly failure: string | undefined;
  readonly both: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one text of a command's. @param onLine called for each line that is to be logged */
export type Run<I> = (
  command: string,
  inputs: I,
  context: Pick<Context, "signal" | "status">,
  onLine: (stream: "stdout" | "stderr", line: string) => void,
) => Promise<Ran>;

type Said = { readonly stdout: string; readonly stderr: string };

/** A command as the official provider has it: nothing is read of it, and it is run anew for every change of its inputs. */
export function commandHandler<I extends LocalInputs>(
  schema: z.ZodType<I>,
  run: Run<I>,
): ResourceHandler<I, I & Said> {
  return {
    secretInputs: [["connection"], ["connection", "privateKey"], ["connection", "proxy", "privateKey"]],
    // As the official one has them as soon as any input is secret.
    secretOutputs: ["stdout", "stderr"],
    check: (news) => {
      const { inputs, failures } = checkInputs(schema, news, notCovered);
      const { data } = schema.safeParse(news);
      return { inputs: data ?? inputs, failures };
    },
    diff: ({ inputs }, news) => ({
      // Single triggers are the SDK's to replace by (replaceOnChanges).
      changes: diffInputs(inputs, news, () => "update"),
    }),
    create: async (inputs, context) => ({
      id: `command${randomBytes(4).toString("hex")}`,
      outputs: { ...inputs, ...(await saidBy(inputs.create, inputs, context, run)) },
    }),
    read: async (id, outputs, inputs) => {
      if (outputs === undefined) throw new Error("a command cannot be imported");
      return { id, outputs, inputs };
    },
    update: async (_id, { outputs: { stdout, stderr } }, news, context) => {
      const command = news.update ?? news.create;
      const said = command === undefined ? { stdout, stderr } : await saidBy(command, news, context, run);
      return { ...news, ...said };
    },
    delete: async (_id, outputs, context) => {
      await saidBy(outputs.delete, outputs, context, run);
    },
  };
}

function notCovered(property: string): string {
  return `${property} is not covered by the command stand-in`;
}

/** @throws with everything that the command said when it does not end well */
async function saidBy<I extends LocalInputs>(
  command: string | undefined,
  inputs: I,
  context: Context,
  run: Run<I>,
): Promise<Said> {
  if (command === undefined) return { stdout: "", stderr: "" };
  const { logging = "stdoutAndStderr" } = inputs;
  const shown: Promise<void>[] = [];
  const ran = await run(command, inputs, context, (stream, line) => {
    if (logging === stream || logging === "stdoutAndStderr") shown.push(context.status(line));
  });
  await Promise.all(shown);
  if (ran.failure !== undefined) {
    throw new Error(`${ran.failure}: running ${JSON.stringify(command)}:\n${ran.both}`);
  }
  return { stdout: withoutEnd(ran.stdout), stderr: withoutEnd(ran.stderr) };
}

function withoutEnd(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}
