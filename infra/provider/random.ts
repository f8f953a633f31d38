import { randomBytes } from "node:crypto";
import { z } from "zod";
import { checkInputs } from "./check.ts";
import type { ResourceHandler } from "./server.ts";

const inputs = z.strictObject({
  /** How many bytes to draw. */
  bytes: z.int().min(8).max(128),
  encoding: z.enum(["base64url", "hex"]),
  /** True for what is no secret, such as a cluster's id. */
  public: z.boolean(),
});

export type RandomInputs = z.infer<typeof inputs>;

export interface RandomOutputs extends RandomInputs {
  /** The bytes, encoded. Never starts with `-`, which command lines and Kafka's Uuid parser misread. */
  readonly result: string;
}

/** Random bytes exist in the state alone: there is nothing outside to read, change or delete. */
export const randomHandler: ResourceHandler<RandomInputs, RandomOutputs> = {
  check: (news) => checkInputs(inputs, news),
  diff: (olds, news) => ({
    changes: Object.fromEntries(
      (["bytes", "encoding", "public"] as const)
        .filter((key) => olds.inputs[key] !== news[key])
        .map((key) => [key, "replace" as const]),
    ),
  }),
  create: async (news) => {
    let result: string;
    do result = randomBytes(news.bytes).toString(news.encoding);
    while (result.startsWith("-"));
    return { id: news.public ? result : "random", outputs: { ...news, result } };
  },
  read: async (id, outputs, olds) => (outputs === undefined ? undefined : { id, outputs, inputs: olds }),
  update: async (_id, olds) => olds.outputs,
  delete: async () => {},
};
