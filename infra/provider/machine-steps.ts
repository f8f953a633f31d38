import type { Context } from "../../lib/provider/handler.ts";
import type { Connection } from "../../lib/ssh/connection.ts";
import { explain } from "../../lib/ssh/explain.ts";
import { mustRun, runScript } from "../../lib/ssh/run.ts";
import { shellWord } from "../../lib/ssh/shell.ts";
import type { Facts, MachineInputs, MachineOutputs } from "./machine-inputs.ts";
import { factsIn, scriptOf } from "./machine-scripts.ts";

const prepareMs = 25 * 60_000;
const lookMs = 15_000;
const undoMs = 5 * 60_000;
/** A machine that is to be left answers within this time, or is left as it is. */
const farewellMs = 30_000;

/**
 * Runs the script that makes it ready.
 *
 * @param joins whether it was no machine of the lab so far: containers of the lab that it has are of a time before that
 * @throws with what the script or ssh said
 */
export async function prepare(
  machine: MachineInputs,
  pinned: Connection,
  context: Context,
  { joins }: { joins: boolean },
): Promise<Facts> {
  const { firewall, needs } = machine;
  const script = scriptOf(machine, "prepare.sh", {
    PREPARE: String(machine.prepare),
    FIREWALL: String(firewall.enabled),
    NEED_MEMORY_MB: String(needs.memoryMB),
    NEED_DISK_GB: String(needs.diskGB),
    LISTENERS: needs.listeners.map(({ address, port, key }) => `${address} ${port} ${key}\n`).join(""),
    RULES: firewallRules(firewall).join("\n"),
    UNDO: undoScript(machine),
    JOINS: String(joins),
  });
  const out = await mustRun(pinned, script, {
    root: true,
    timeoutMs: prepareMs,
    signal: context.signal,
    onLine: teller(machine.name, context),
  });
  const facts = factsIn(out, firewall.enabled);
  if (facts.timeSynced === "no") {
    await context.log(
      "warning",
      `the clock of ${machine.name} is not synchronised: times of this host and others cannot be compared; install chrony there`,
    );
  }
  const open = openWithoutFirewall(machine);
  if (open !== undefined) await context.log("warning", open);
  return facts;
}

/** What is open on a machine whose firewall is left to others; undefined where the lab's stands, or nothing is. */
export function openWithoutFirewall({ name, firewall, needs }: MachineInputs): string | undefined {
  const open = needs.listeners.filter(({ address }) => address !== "127.0.0.1");
  if (firewall.enabled || open.length === 0) return undefined;
  const ports = open.map(({ address, port }) => `${address}:${port}`).join(", ");
  return (
    `${name}: ssh.firewall is false, so ${ports} is open to whoever reaches that address, Kafka without a password; ` +
    "see that another firewall closes it, or set ssh.firewall to true"
  );
}

/** Rules of nftables for what is let in besides SSH. */
export function firewallRules({ peers, peerPorts, openPorts }: MachineInputs["firewall"]): string[] {
  const set = (values: readonly (string | number)[]) => `{ ${[...new Set(values)].join(", ")} }`;
  return [
    ...(peers.length > 0 && peerPorts.length > 0
      ? [`ip saddr ${set(peers)} tcp dport ${set(peerPorts)} accept`]
      : []),
    ...(openPorts.length > 0 ? [`tcp dport ${set(openPorts)} accept`] : []),
  ];
}

/** Lets the firewall stay, over a connection that was made after it stood. */
export async function confirm(machine: MachineInputs, pinned: Connection): Promise<void> {
  const script = scriptOf(machine, "confirm.sh", {});
  const result = await runScript(pinned, script, { root: true, timeoutMs: lookMs });
  if (result.code === 0) return;
  throw new Error(
    `no new SSH connection gets through the firewall, which takes itself back within 30 s (${explain(pinned, result).reason}); ` +
      "see that /etc/ssh/sshd_config there names the port that sshd listens on, or set ssh.firewall to false",
  );
}

/** What it says now. One that does not answer is taken at its last word, and the user is told. */
export async function look(machine: MachineOutputs, { log, signal }: Context): Promise<Partial<Facts>> {
  const script = scriptOf(machine, undefined, {}, "facts");
  const result = await runScript(machine.pinned, script, { root: true, timeoutMs: lookMs, signal });
  if (result.code === 0) return factsIn(result.stdout, machine.firewall.enabled);
  const { reason, fix } = explain(machine.pinned, result);
  await log("warning", `${machine.name} is taken as it was: ${reason}\n  fix: ${fix}`);
  return {};
}

/**
 * Undoes what was done, as far as the machine still answers.
 *
 * @throws when it answers, but does not let us in
 */
export async function undo(machine: MachineOutputs, context: Context): Promise<void> {
  const { name, pinned, project, stack } = machine;
  const { signal } = context;
  const there = await runScript(pinned, "exec true", { root: true, timeoutMs: farewellMs, signal });
  if (there.code !== 0) {
    const { reason, fix, refused, transient } = explain(pinned, there);
    if (refused) {
      throw new Error(
        `${reason}, so nothing was removed there\n  fix: ${fix}; where that cannot be, run what removes it ` +
          `on the machine (${undoCommand(machine)}), then: pulumi state delete --force '${context.urn}'`,
      );
    }
    await context.log(
      "warning",
      `${name} ${transient ? "does not answer" : "is not the machine that it was"}, so it was left as it is (${reason}). If it comes back, containers of ${project}-${stack} may still run there; ` +
        `this takes away all that the lab did, run on it as root: ${undoCommand(machine)}`,
    );
    return;
  }
  const onLine = teller(name, context);
  await mustRun(pinned, undoScript(machine), { root: true, timeoutMs: undoMs, signal, onLine });
}

function undoScript(machine: MachineInputs): string {
  return scriptOf(machine, "undo.sh", { KEEP_DATA: String(machine.keepData) });
}

function undoCommand({ project, stack }: MachineInputs): string {
  return `bash ${shellWord(`/var/lib/edgelab/stacks/${project}-${stack}/undo`)}`;
}

/** Hands on what a script tells of its progress. */
function teller(name: string, { status, log }: Context): (line: string) => void {
  return (line) => {
    if (line.startsWith("step: ")) void status(line.slice("step: ".length));
    if (line.startsWith("warning: ")) void log("warning", `${name}: ${line.slice("warning: ".length)}`);
  };
}
