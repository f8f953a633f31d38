import { z } from "zod";
import { connectionSchema } from "../ssh/connection.ts";
import { checkInputs } from "./check.ts";
import { changedPaths, type Diff, type Effect, formatPath } from "./diff.ts";
import { type Context, PartialFailure, type ResourceHandler } from "./handler.ts";
import { reach } from "./machine-reach.ts";
import type { Facts } from "./machine-scripts.ts";
import { confirm, look, prepare, undo } from "./machine-steps.ts";

const port = z.int().min(1).max(65_535);

const inputs = z.strictObject({
  /** Name of the host in the lab. */
  name: z.string().min(1),
  connection: connectionSchema,
  project: z.string().min(1),
  stack: z.string().min(1),
  /** Install what is missing and raise sshd's limits; otherwise only look whether Docker runs. */
  prepare: z.boolean(),
  /** Seconds within which it must answer. */
  waitSeconds: z.int().min(1),
  /** Leave the volumes where they are at the end. */
  keepData: z.boolean(),
  firewall: z.strictObject({
    enabled: z.boolean(),
    /** Addresses of the lab's other hosts. */
    peers: z.array(z.ipv4()),
    /** TCP ports that peers may use. */
    peerPorts: z.array(port),
    /** TCP ports that everybody may use, SSH's left out. */
    openPorts: z.array(port),
  }),
  /** What the host must have before anything is changed on it. */
  needs: z.strictObject({ memoryMB: z.int().min(0), diskGB: z.int().min(0) }),
  /** Changes when another machine stands behind the same name. */
  instance: z.string().optional(),
});

export type MachineInputs = z.infer<typeof inputs>;

export interface MachineOutputs extends MachineInputs, Facts {
  /** The connection with the host keys that the machine, and the one before it, showed at first. */
  readonly pinned: MachineInputs["connection"];
  /** Whether it was found to be another machine, or one that was set up anew. */
  readonly lost: boolean;
}

/** Inputs whose change means another machine, or another place for notes on it. */
const identity: ReadonlySet<string> = new Set(["name", "project", "stack", "instance"]);

/**
 * A machine that services of the lab run on, reached over SSH and made ready for them. What was done to it is noted on
 * it and undone when the resource is deleted, with every container, network, volume and image of the stack there; so
 * whatever lives on it can be declared `deletedWith` it. A machine that does not answer holds up neither a refresh nor a
 * deletion for longer than a minute.
 */
export const machineHandler: ResourceHandler<MachineInputs, MachineOutputs> = {
  check: (news) => checkInputs(inputs, news),
  diff: (olds, news) => machineDiff(olds, news),

  create: async (news, context) => {
    const pinned = await reach(news, context);
    return { id: news.name, outputs: await make(news, pinned, context) };
  },

  read: async (id, outputs, olds, context) => {
    if (outputs === undefined) throw new Error("a machine cannot be imported");
    const { machineId, ...facts } = await look(outputs, context);
    const lost = machineId !== undefined && outputs.machineId !== "" && machineId !== outputs.machineId;
    // One that was never finished does not become ready by itself.
    const ready = outputs.machineId !== "" && (facts.ready ?? outputs.ready);
    return { id, outputs: { ...outputs, ...facts, ready, lost }, inputs: olds };
  },

  update: async (_id, olds, news, context) => {
    const pinned = await reach(news, context, olds.outputs.pinned);
    const outputs = await make(news, pinned, context);
    if (isElsewhere(olds.outputs, outputs)) await undo(olds.outputs, context);
    return outputs;
  },

  delete: async (_id, outputs, context) => undo(outputs, context),
};

/** @throws PartialFailure, so that what was done is undone by a later deletion */
async function make(
  news: MachineInputs,
  pinned: MachineOutputs["pinned"],
  context: Context,
): Promise<MachineOutputs> {
  try {
    const facts = await prepare(news, pinned, context);
    if (news.firewall.enabled) await confirm(news, pinned);
    return { ...news, ...facts, pinned, lost: false };
  } catch (error) {
    const reason = `${news.name}: ${error instanceof Error ? error.message : String(error)}`;
    throw new PartialFailure(
      news.name,
      { ...news, pinned, machineId: "", ready: false, lost: false },
      reason,
    );
  }
}

/** @throws when services have been placed on a machine that it has no memory for, before anything is changed */
function checkRoom({ memoryMB }: MachineOutputs, { name, needs }: MachineInputs): void {
  if (memoryMB === undefined || needs.memoryMB <= memoryMB) return;
  throw new Error(
    `the services placed on ${name} may take ${needs.memoryMB} MB of memory with the system, and it has ${memoryMB} MB: ` +
      "place fewer there (placement) or lower their limits (…memoryMB)",
  );
}

/**
 * A machine without the note of its identity is another one, or one set up anew: everything on it is gone. One that is
 * not ready (Docker stopped, firewall removed) is made so again.
 */
export function machineDiff(
  { inputs: olds, outputs }: { inputs: MachineInputs; outputs: MachineOutputs },
  news: MachineInputs,
): Diff {
  // One service more or less changes nothing about the machine itself.
  const changed = changedPaths(olds, news).filter(([property]) => property !== "needs");
  const changes: Record<string, Effect> = Object.fromEntries(
    changed.map((path) => [formatPath(path), identity.has(String(path[0])) ? "replace" : "update"]),
  );
  // Of another machine nothing is known yet.
  if (!Object.values(changes).includes("replace")) checkRoom(outputs, news);
  if (outputs.ready === false) changes.ready = "update";
  if (outputs.lost === true) changes.machineId = "replace";
  return { changes, deleteBeforeReplace: true };
}

/** Whether the name has moved to another machine, so that the one before it is not the lab's any more. */
function isElsewhere(olds: MachineOutputs, news: MachineOutputs): boolean {
  const moved = olds.pinned.address !== news.pinned.address || olds.pinned.port !== news.pinned.port;
  return moved && olds.machineId !== "" && olds.machineId !== news.machineId;
}
