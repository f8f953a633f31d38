import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { PlacedBefore } from "./plan/placement.ts";

const answer = z.object({
  outputs: z.object({ placement: z.record(z.string(), z.string()).optional() }),
});

/**
 * Where the services of the stack that Pulumi is running are so far, as its last update has put it into the output
 * `placement`. The engine answers that itself, from the state, whatever the backend.
 *
 * @returns empty for a stack that was never up
 */
export async function placedBefore(): Promise<PlacedBefore> {
  const name = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  const { outputs } = answer.parse(await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name }));
  return new Map(Object.entries(outputs.placement ?? {}));
}
