import { z } from "zod";
import { connectionSchema } from "../../lib/ssh/connection.ts";
import type { HostForwards } from "./access.ts";

const state = z.object({
  deployment: z
    .object({
      resources: z.array(z.object({ type: z.string(), outputs: z.unknown().optional() })).optional(),
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
