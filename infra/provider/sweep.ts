import { randomBytes } from "node:crypto";
import { z } from "zod";
import { checkInputs } from "../../lib/provider/check.ts";
import { changedPaths, type Effect, formatPath } from "../../lib/provider/diff.ts";
import type { ResourceHandler } from "../../lib/provider/handler.ts";
import { type RemainKind, remainKinds, remainsOf } from "./openstack/remains.ts";
import { CloudSession } from "./openstack/session.ts";

const inputs = z.strictObject({
  /** Name in clouds.yaml; empty for the credential of the environment. */
  cloud: z.string(),
  /** What the mark starts with. */
  prefix: z.string().min(1),
  /** The mark of what is looked for; drawn when left out. */
  mark: z.string().min(1).optional(),
  /** Name of what is looked for; whatever its name when left out. */
  only: z.string().min(1).optional(),
  kinds: z.array(z.enum(remainKinds)),
});

export type SweepInputs = z.infer<typeof inputs>;

export interface SweepOutputs extends Omit<SweepInputs, "mark"> {
  readonly mark: string;
}

/** Inputs whose change means that other things are meant. */
const identity: ReadonlySet<string> = new Set(["prefix", "mark", "only"]);

/**
 * What is left in the cloud without any state knowing of it: the cloud made it, but its answer was lost. Exists in the
 * state alone; when it is deleted, what then still carries the mark is removed from the cloud. Whatever may leave
 * something must be deleted before, so it is made the parent of that.
 */
export const sweepHandler: ResourceHandler<SweepInputs, SweepOutputs> = {
  check: (news) => checkInputs(inputs, news),
  diff: ({ inputs: olds }, news) => ({
    changes: Object.fromEntries(
      changedPaths(olds, news).map((path): [string, Effect] => [
        formatPath(path),
        identity.has(String(path[0])) ? "replace" : "update",
      ]),
    ),
    deleteBeforeReplace: true,
  }),
  create: async (news) => {
    // Drawn, so that labs of one name in one project of the cloud, with states that do not know each other, differ.
    const mark = news.mark ?? `${news.prefix}-${randomBytes(5).toString("hex")}`;
    return { id: news.only ?? mark, outputs: { ...news, mark } };
  },
  read: async (id, outputs, olds) => (outputs === undefined ? undefined : { id, outputs, inputs: olds }),
  update: async (_id, olds, news) => ({ ...news, mark: olds.outputs.mark }),
  delete: async (_id, outputs, { log }) => {
    const session = new CloudSession(outputs.cloud);
    for (const kind of inOrder(outputs.kinds)) {
      for (const remain of await remainsOf(session, kind, outputs.mark)) {
        if (outputs.only !== undefined && outputs.only !== remain.name) continue;
        await remain.remove();
        await log(
          "info",
          `removed ${kind} ${remain.name}, which the cloud had made without the lab's state knowing`,
        );
      }
    }
  },
};

function inOrder(kinds: readonly RemainKind[]): RemainKind[] {
  return remainKinds.filter((kind) => kinds.includes(kind));
}
