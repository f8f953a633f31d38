import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type DocumentEngine, documentEngines } from "./config/found.ts";
import type { PlacedBefore } from "./plan/placement.ts";

const answer = z.object({
  outputs: z.object({
    placement: z.record(z.string(), z.string()).optional(),
    slots: z.record(z.string(), z.number()).optional(),
    documentsEngine: z.enum(documentEngines).optional(),
  }),
});

/** What the last update of a stack has left. */
export interface LabBefore {
  /** Where its services are. */
  readonly placed: PlacedBefore;
  /** Their slots there. */
  readonly slots: ReadonlyMap<string, number>;
  /** What its documents are in; undefined where it has no document store. */
  readonly documents: DocumentEngine | undefined;
}

/**
 * What the stack that Pulumi is running has been so far, as its last update has put it into its outputs. The engine
 * answers that itself, from the state, whatever the backend.
 *
 * @returns nothing for a stack that was never up
 */
export async function labBefore(): Promise<LabBefore> {
  const name = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  const { outputs } = answer.parse(await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name }));
  const { placement = {}, slots = {}, documentsEngine } = outputs;
  // A lab from before there was a choice has FerretDB.
  const documents = documentsEngine ?? (placement.documents === undefined ? undefined : "ferretdb");
  return { placed: new Map(Object.entries(placement)), slots: new Map(Object.entries(slots)), documents };
}
