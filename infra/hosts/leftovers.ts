import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Lab } from "../lab.ts";

/** Runs the docker command on a host's engine. */
export type DockerCommand = (
  args: readonly string[],
) => Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;

type Kind = "container" | "network" | "volume";

const kinds: Readonly<Record<string, Kind>> = {
  "docker:index/container:Container": "container",
  "docker:index/network:Network": "network",
  "docker:index/volume:Volume": "volume",
};

const namedSchema = z.looseObject({ name: z.string().optional() });
const labelsSchema = z.record(z.string(), z.string()).nullable();

/**
 * A hook that makes way for a container, network or volume that is about to be made. Such a resource is in no state, so
 * what has its name and this lab's labels already was left by an update that was killed: a container or network is
 * removed, a volume is taken over with its data. The docker provider itself would refuse the former and take over
 * anybody's volume.
 *
 * @throws when something of that name is not this lab's, naming the command that removes it; when the engine does not
 *   answer
 */
export function clearLeftovers(
  lab: Lab,
  docker: DockerCommand,
): (args: pulumi.ResourceHookArgs) => Promise<void> {
  return async ({ type, newInputs }) => {
    const kind = kinds[type];
    const { name } = namedSchema.parse(newInputs);
    if (kind === undefined || name === undefined) return;
    const labels = await labelsOf(docker, kind, name);
    if (labels === undefined) return;
    if (labels["edgelab.project"] !== lab.project || labels["edgelab.stack"] !== lab.stack) {
      throw new Error(
        `a ${kind} named ${name} is there already, and this lab did not make it\n` +
          `  fix: docker ${kind} rm${kind === "container" ? " --force" : ""} ${name}   # if it can go`,
      );
    }
    if (kind === "container") await mustRun(docker, ["container", "rm", "--force", "--volumes", name]);
    if (kind === "network") await removeNetwork(docker, lab, name);
  };
}

/** @returns undefined when there is nothing of that name */
async function labelsOf(
  docker: DockerCommand,
  kind: Kind,
  name: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  const path = kind === "container" ? ".Config.Labels" : ".Labels";
  const { code, stdout, stderr } = await docker([kind, "inspect", "--format", `{{json ${path}}}`, name]);
  if (code === 0) return labelsSchema.parse(JSON.parse(stdout)) ?? {};
  if (/no such|not found/i.test(stderr)) return undefined;
  throw new Error(`cannot look for a ${kind} named ${name}: ${stderr.trim()}`);
}

/** A network that containers are on cannot go: the lab's own go with it, others are only taken off it. */
async function removeNetwork(docker: DockerCommand, lab: Lab, name: string): Promise<void> {
  const list = ["container", "ls", "--all", "--quiet", "--filter", `network=${name}`];
  const own = [`label=edgelab.project=${lab.project}`, `label=edgelab.stack=${lab.stack}`];
  const ids = lines(await mustRun(docker, [...list, ...own.flatMap((filter) => ["--filter", filter])]));
  if (ids.length > 0) await mustRun(docker, ["container", "rm", "--force", "--volumes", ...ids]);
  for (const id of lines(await mustRun(docker, list))) {
    await mustRun(docker, ["network", "disconnect", "--force", name, id]);
  }
  await mustRun(docker, ["network", "rm", name]);
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

async function mustRun(docker: DockerCommand, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await docker(args);
  if (code === 0) return stdout;
  throw new Error(`docker ${args.join(" ")} failed: ${stderr.trim()}`);
}
