import { randomBytes } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { type DockerCommand, localDocker, localDockerHost } from "../../lib/docker/command.ts";
import { holdingsOf } from "../../lib/docker/holdings.ts";
import { describeOthers, wayAround } from "../../lib/docker/others.ts";
import { forgetLab, notedLab, noteLab } from "../../lib/lab-note.ts";
import { checkInputs } from "../../lib/provider/check.ts";
import type { Effect } from "../../lib/provider/diff.ts";
import type { ResourceHandler } from "../../lib/provider/server.ts";

const inputs = z.strictObject({
  project: z.string().min(1),
  stack: z.string().min(1),
});

export type LabIdentityInputs = z.infer<typeof inputs>;

export interface LabIdentityOutputs extends LabIdentityInputs {
  /** Where the lab was first brought up from: `user@machine:folder`. */
  readonly checkout: string;
}

/**
 * What makes a lab this lab, and no other of the same name: its id, `<project>-<stack>-` and random digits, which all that
 * belongs to it carries. Drawn once and kept in the state; a lab that is brought up again in the same checkout goes on
 * with the id that it had (see lib/lab-note.ts). A lab whose names another one has on this machine is refused, in the
 * preview already.
 *
 * @param root the checkout
 */
export function labIdentityHandler(
  root: string = join(import.meta.dirname, "../.."),
  docker: DockerCommand = localDocker(localDockerHost()),
): ResourceHandler<LabIdentityInputs, LabIdentityOutputs> {
  return {
    check: (news) => checkInputs(inputs, news),
    obstacle: async ({ project, stack }) => {
      const own = await notedLab(root, stack);
      // An engine that does not answer is told of by whatever is to be made on it.
      const there = await holdingsOf(docker, project, stack).catch(() => []);
      const others = there.filter(({ lab }) => lab !== own);
      const [first] = others;
      if (first === undefined) return undefined;
      return `${describeOthers(others)}; nothing was touched\n  fix: ${wayAround(first, stack)}`;
    },
    diff: ({ inputs: olds }, news) => ({
      changes: Object.fromEntries(
        (["project", "stack"] as const)
          .filter((key) => olds[key] !== news[key])
          .map((key): [string, Effect] => [key, "replace"]),
      ),
    }),
    create: async (news) => {
      const { project, stack } = news;
      const id = (await notedLab(root, stack)) ?? `${project}-${stack}-${randomBytes(5).toString("hex")}`;
      await forgetLab(root, stack);
      return { id, outputs: { ...news, checkout: `${userInfo().username}@${hostname()}:${root}` } };
    },
    read: async (id, outputs, olds) => (outputs === undefined ? undefined : { id, outputs, inputs: olds }),
    update: async (_id, olds) => olds.outputs,
    delete: async (id, { stack }) => noteLab(root, stack, id),
  };
}
