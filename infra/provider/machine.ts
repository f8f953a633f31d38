import { messageOf } from "../../apps/common/errors.ts";
import { checkInputs } from "../../lib/provider/check.ts";
import { changedPaths, type Diff, type Effect, formatPath } from "../../lib/provider/diff.ts";
import { type Context, PartialFailure, type ResourceHandler } from "../../lib/provider/handler.ts";
import type { Connection } from "../../lib/ssh/connection.ts";
import { type MachineInputs, type MachineOutputs, machineInputs } from "./machine-inputs.ts";
import { reach } from "./machine-reach.ts";
import { confirm, look, prepare, undo } from "./machine-steps.ts";

/** Inputs whose change means another place for notes on it. */
const identity: ReadonlySet<string> = new Set(["name", "project", "stack"]);

/**
 * A machine that services of the lab run on, reached over SSH and made ready for them. What was done to it is noted on
 * it and undone when the resource is deleted, with every container, network, volume and image of the stack there; so
 * whatever lives on it can be declared `deletedWith` it. A machine that does not answer holds up neither a refresh nor a
 * deletion for longer than a minute.
 *
 * Another machine behind the same name is an update, with another `machineId`: a replacement would first delete, one by
 * one, what depends on it, through a connection to a machine that is no more.
 */
export const machineHandler: ResourceHandler<MachineInputs, MachineOutputs> = {
  check: (news) => checkInputs(machineInputs, news),
  diff: (olds, news) => machineDiff(olds, news),

  create: async (news, context) => {
    const pinned = await reach(news, context);
    return { id: news.name, outputs: await make(news, pinned, context, { joins: true }) };
  },

  read: async (id, outputs, olds, context) => {
    if (outputs === undefined) throw new Error("a machine cannot be imported");
    const { machineId, ...facts } = await look(outputs, context);
    const lost = machineId !== undefined && outputs.machineId !== "" && machineId !== outputs.machineId;
    // One that was never finished does not become ready by itself.
    const ready = outputs.machineId !== "" && (facts.ready ?? outputs.ready);
    return { id, outputs: { ...outputs, ...facts, ready, lost }, inputs: olds };
  },

  renewed: (olds, news) => (isAnother(olds, news) ? ["machineId"] : []),
  update: async (_id, olds, news, context) => {
    const pinned = await reach(news, context, knownStill(olds, news));
    const joins = isAnother(olds, news);
    const outputs = await make(news, pinned, context, { joins });
    if (!joins && isElsewhere(olds.outputs, outputs)) await undo(olds.outputs, context);
    return outputs;
  },

  delete: async (_id, outputs, context) => undo(outputs, context),
};

/** @throws PartialFailure, so that what was done is undone by a later deletion */
async function make(
  news: MachineInputs,
  pinned: MachineOutputs["pinned"],
  context: Context,
  how: { joins: boolean },
): Promise<MachineOutputs> {
  try {
    const facts = await prepare(news, pinned, context, how);
    if (news.firewall.enabled) await confirm(news, pinned);
    return { ...news, ...facts, pinned, lost: false };
  } catch (error) {
    const reason = `${news.name}: ${messageOf(error)}`;
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
export function machineDiff({ inputs: olds, outputs }: Before, news: MachineInputs): Diff {
  // One service more or less changes nothing about the machine itself.
  const changed = changedPaths(olds, news).filter(([property]) => property !== "needs");
  const changes: Record<string, Effect> = Object.fromEntries(
    changed.map((path) => [formatPath(path), identity.has(String(path[0])) ? "replace" : "update"]),
  );
  // Of another machine nothing is known yet.
  if (!isAnother({ inputs: olds, outputs }, news)) checkRoom(outputs, news);
  if (outputs.ready === false) changes.ready = "update";
  if (outputs.lost === true) changes.machineId = "update";
  return { changes, deleteBeforeReplace: true };
}

interface Before {
  readonly inputs: MachineInputs;
  readonly outputs: MachineOutputs;
}

/** Whether nothing of before is on the machine that stands behind the name now. */
function isAnother({ inputs, outputs }: Before, news: MachineInputs): boolean {
  return outputs.lost === true || outputs.machineId === "" || inputs.instance !== news.instance;
}

/** The connection of before, without the host keys of machines that others stand in for. */
function knownStill({ inputs, outputs: { pinned } }: Before, news: MachineInputs): Connection {
  const { hostKey, jump, ...rest } = pinned;
  return {
    ...rest,
    ...(hostKey !== undefined && inputs.instance === news.instance ? { hostKey } : {}),
    ...(jump === undefined || inputs.jumpInstance !== news.jumpInstance ? {} : { jump }),
  };
}

/** Whether the name has moved to another machine, so that the one before it is not the lab's any more. */
function isElsewhere(olds: MachineOutputs, news: MachineOutputs): boolean {
  const moved = olds.pinned.address !== news.pinned.address || olds.pinned.port !== news.pinned.port;
  return moved && olds.machineId !== "" && olds.machineId !== news.machineId;
}
