import { readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labFolder, removeLabelled } from "./lab.ts";

/**
 * Removes the labs that an interrupted run has left behind: their containers start again with Docker's engine, hold the
 * ports that this run's labs want, and take its processors. A lab of a run that goes on is left alone, and so is every
 * lab that no test has made: a test lab has a folder of its own, with a config named after its stack and process.
 */
export default async function removeLeftOver(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(labFolder))) {
    const folder = join(tmpdir(), name);
    const [, stack, pid] = readdirSync(folder).flatMap(
      (file) => /^Pulumi\.(.+-(\d+))\.yaml$/.exec(file) ?? [],
    );
    if (stack === undefined || pid === undefined || isTesting(pid)) continue;
    process.stdout.write(`removing the lab "${stack}", which an interrupted test run has left behind\n`);
    await removeLabelled(stack);
    rmSync(folder, { recursive: true });
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
