import { z } from "zod";
import { connectionSchema } from "../../lib/ssh/connection.ts";
import type { PulumiEnvironment } from "../toolchain/environment.ts";
import { output } from "../toolchain/run.ts";
import type { HostForwards } from "./host-forwards.ts";

const state = z.object({
  deployment: z
    .object({
      resources: z
        .array(z.object({ type: z.string(), id: z.string().optional(), outputs: z.unknown().optional() }))
        .optional(),
    })
    .nullish(),
});

const machine = z.object({ name: z.string(), pinned: connectionSchema });

/**
 * The other machines of a lab as its exported state has them, each without ports. A lab that was never up has no
 * outputs yet; those of its machines that were made ready are in the state all the same.
 */
export function machinesOf(exported: string): HostForwards[] {
  const { deployment } = state.parse(JSON.parse(exported));
  const machines = (deployment?.resources ?? []).filter(({ type }) => type === "lab:host:Machine");
  return machines.flatMap(({ outputs }) => {
    const { data } = machine.safeParse(outputs);
    // One that was never made ready has no container either.
    return data === undefined ? [] : [{ host: data.name, connection: data.pinned, forwards: [] }];
  });
}

/**
 * The id of the lab whose state that is.
 *
 * @returns undefined where it has none: it was never up, or was made before labs had ids
 */
export function labIdOf(exported: string): string | undefined {
  const { deployment } = state.parse(JSON.parse(exported));
  return deployment?.resources?.find(({ type }) => type === "lab:index:LabIdentity")?.id;
}

/** Whether a state is of a lab that was made before labs had ids. */
export function isBeforeIds(exported: string): boolean {
  const { deployment } = state.parse(JSON.parse(exported));
  // Without an id nothing else of a lab is made.
  const made = (deployment?.resources ?? []).some(({ type }) => /^(docker:index\/|lab:host:)/.test(type));
  return made && labIdOf(exported) === undefined;
}

/**
 * What a stack's state knows of its lab: its id, and its other machines, also those that config leaves out by now, and
 * those of an update that failed, which has put into the outputs what was to be.
 *
 * @returns no id and no machine where there is no state
 */
export async function labInState(
  pulumi: PulumiEnvironment,
  root: string,
  stack: string,
): Promise<{ readonly lab: string | undefined; readonly machines: readonly HostForwards[] }> {
  const args = ["stack", "export", "--stack", stack];
  const exported = await output(pulumi.pulumi, args, { cwd: root, env: pulumi.env });
  return exported === undefined
    ? { lab: undefined, machines: [] }
    : { lab: labIdOf(exported), machines: machinesOf(exported) };
}
