import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { shellWord } from "../../lib/ssh/shell.ts";
import type { Facts, MachineInputs } from "./machine-inputs.ts";

const told = z.object({
  machineId: z.string(),
  os: z.string(),
  cpus: z.number(),
  memoryMB: z.number(),
  diskGB: z.number(),
  docker: z.string(),
  firewall: z.boolean(),
  timeSynced: z.string(),
});

/** The facts in a script's output. @throws when there are none */
export function factsIn(out: string, firewall: boolean): Facts {
  const line = out.split("\n").findLast((each) => each.startsWith("facts: "));
  if (line === undefined) throw new Error(`the host did not say what it is: ${out.slice(-200)}`);
  const { docker, firewall: stands, ...facts } = told.parse(JSON.parse(line.slice("facts: ".length)));
  return {
    ...facts,
    dockerVersion: docker,
    ready: docker !== "" && (!firewall || stands),
  };
}

const scripts = join(import.meta.dirname, "../hosts/remote");

/** A script with its variables and the functions that all of them share. */
export function scriptOf(
  { project, stack, lab, connection }: MachineInputs,
  file: string | undefined,
  variables: Record<string, string>,
  last = "",
): string {
  const all = {
    PROJECT: project,
    STACK: stack,
    LAB: lab?.id ?? "",
    CHECKOUT: lab?.checkout ?? "",
    LOGIN: connection.user,
    ...variables,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}=${shellWord(value)}`);
  const read = (name: string) => readFileSync(join(scripts, name), "utf8");
  return [...lines, read("common.sh"), file === undefined ? "" : read(file), last].join("\n");
}
