import { randomBytes } from "node:crypto";
import { z } from "zod";
import { checkInputs } from "../../lib/provider/check.ts";
import type { ResourceHandler } from "../../lib/provider/server.ts";

const inputs = z.strictObject({
  /** How many bytes to draw. */
  bytes: z.int().min(8).max(128),
});

export type SecretInputs = z.infer<typeof inputs>;

export interface SecretOutputs extends SecretInputs {
  /** The bytes in URL-safe base64 without padding; never starts with `-`, which command lines misread. */
  readonly result: string;
}

/** Random bytes in URL-safe base64, drawn again while they start like a command's option. */
export function drawText(bytes: number): string {
  let text: string;
  do text = randomBytes(bytes).toString("base64url");
  while (text.startsWith("-"));
  return text;
}

/** A generated secret exists in the state alone: there is nothing outside to read, change or delete. */
export const secretHandler: ResourceHandler<SecretInputs, SecretOutputs> = {
  secretOutputs: ["result"],
  check: (news) => checkInputs(inputs, news),
  diff: (olds, news) => ({ changes: olds.inputs.bytes === news.bytes ? {} : { bytes: "replace" } }),
  create: async (news) => ({ id: "secret", outputs: { ...news, result: drawText(news.bytes) } }),
  read: async (id, outputs, olds) => (outputs === undefined ? undefined : { id, outputs, inputs: olds }),
  update: async (_id, olds) => olds.outputs,
  delete: async () => {},
};
