import { z } from "zod";
import { checkInputs } from "../../lib/provider/check.ts";
import { changedPaths, type Effect, formatPath } from "../../lib/provider/diff.ts";
import type { ResourceHandler } from "../../lib/provider/handler.ts";
import { type RemainKind, remainKinds, remainsOf } from "./openstack/remains.ts";
import { CloudSession } from "./openstack/session.ts";

const inputs = z.strictObject({
  /** Name in clouds.yaml; empty for the credential of the environment. */
  cloud: z.string(),
  /** The mark of what is looked for. */
  mark: z.string().min(1),
  /** Name of what is looked for; whatever its name when left out. */
  only: z.string().min(1).optional(),
  kinds: z.array(z.enum(remainKinds)),
});

export type SweepInputs = z.infer<typeof inputs>;

export type SweepOutputs = SweepInputs;

/** Inputs whose change means that other things are meant. */
const identity: ReadonlySet<string> = new Set(["mark", "only"]);

/**
 * What is left in the cloud without any state knowing of it: the cloud made it, but its answer was lost. Exists in the
 * state alone; when it is deleted, what then still carries the mark is removed from the cloud. Whatever may leave
 * something must be deleted before, so it is made the parent of that.
 */
export const sweepHandler: ResourceHandler<SweepInputs, SweepOutputs> = {
  check: (news, olds) => {
    const checked = checkInputs(inputs, news);
    if (olds === undefined || olds.mark !== undefined) return checked;
    // Another mark would make all of the cloud's things anew.
    const reason = "this lab was made before labs had ids\n  fix: ./scripts/down, then ./scripts/up";
    return { ...checked, failures: [...checked.failures, { property: "mark", reason }] };
  },
  diff: ({ inputs: olds }, news) => ({
    changes: Object.fromEntries(
      changedPaths(olds, news).map((path): [string, Effect] => [
        formatPath(path),
        identity.has(String(path[0])) ? "replace" : "update",
      ]),
    ),
    deleteBeforeReplace: true,
  }),
  create: async (news) => ({ id: news.only ?? news.mark, outputs: news }),
  read: async (id, outputs, olds) => (outputs === undefined ? undefined : { id, outputs, inputs: olds }),
  update: async (_id, _olds, news) => news,
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
