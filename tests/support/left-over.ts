import { readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../apps/common/errors.ts";
import { docker, labFolder, labIdAt, removeLabelled } from "./lab.ts";
import { removeAll } from "./lab-hosts.ts";

/**
 * Removes the labs, hosts and clouds that an interrupted run has left behind: their containers start again with Docker's
 * engine, hold the ports and networks that this run wants, and take its processors. What belongs to a run that goes on is
 * left alone, and so is every lab that no test has made.
 */
export default async function removeLeftOver(): Promise<void> {
  await removeLabs();
  await removeHosts();
}

/** A test lab has a folder of its own, with a config named after its stack and process. */
async function removeLabs(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(labFolder))) {
    const folder = join(tmpdir(), name);
    const [, stack, pid] = readdirSync(folder).flatMap(
      (file) => /^Pulumi\.(.+-(\d+))\.yaml$/.exec(file) ?? [],
    );
    if (stack === undefined || pid === undefined || isTesting(pid)) continue;
    process.stdout.write(`removing the lab "${stack}", which an interrupted test run has left behind\n`);
    await tried(async () => {
      const id = labIdAt(folder, stack);
      if (id !== undefined) await removeLabelled(id);
      rmSync(folder, { recursive: true });
    });
  }
}

/** What cannot be removed need not be in the way of the tests: where it is, they say so themselves. */
async function tried(remove: () => Promise<void>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    const fix =
      "fix: sudo systemctl restart docker, where a network has endpoints of containers that are gone";
    process.stderr.write(`${messageOf(error)}\n${fix}\n`);
  }
}

/** Hosts and clouds have a label of their own, whose value ends with the process, or with it and a word. */
async function removeHosts(): Promise<void> {
  const format = '--format={{.Label "edgelab.test"}}';
  const lists = [
    ["container", "ls", "--all"],
    ["network", "ls"],
    ["volume", "ls"],
  ];
  const texts = await Promise.all(
    lists.map((list) => docker(...list, "--filter", "label=edgelab.test", format)),
  );
  for (const id of new Set(texts.flatMap((text) => text.split("\n")))) {
    const [, pid] = /-(\d+)(?:-[a-z]+)?$/.exec(id) ?? [];
    if (pid === undefined || isTesting(pid)) continue;
    process.stdout.write(`removing the machines "${id}", which an interrupted test run has left behind\n`);
    await tried(() => removeAll(id));
  }
}

/** Whether a process has this id and is one of vitest's, so that an id that was given again deceives nobody. */
function isTesting(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("vitest");
  } catch {
    return false;
  }
}
