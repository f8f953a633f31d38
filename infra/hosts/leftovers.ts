import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type DockerCommand, mustRunDocker } from "../../lib/docker/command.ts";
import { CHECKOUT_LABEL, LAB_LABEL } from "../../lib/docker/holdings.ts";
import { wayAround, whose } from "../../lib/docker/others.ts";
import type { Lab } from "../lab.ts";

type Kind = "container" | "network" | "volume";
type Labels = Readonly<Record<string, string>>;

/** A lab as far as what exists can be told to be its own. */
type Owner = Pick<Lab, "project" | "stack"> & { readonly id: string };

const kinds: Readonly<Record<string, Kind>> = {
  "docker:index/container:Container": "container",
  "docker:index/network:Network": "network",
  "docker:index/volume:Volume": "volume",
};

const wantedSchema = z.looseObject({
  name: z.string().optional(),
  volumes: z.array(z.looseObject({ volumeName: z.string().optional() })).optional(),
});
const labelsSchema = z.record(z.string(), z.string()).nullable();

/**
 * A hook that makes way for a container, network or volume that is about to be made. Such a resource is in no state, so
 * what has its name and this lab's id already was left by an update that was killed: a container or network is
 * removed, a volume is taken over with its data. The docker provider itself would refuse the former and take over
 * anybody's volume, also one that has come to the name of a volume that the state knows.
 *
 * @throws when something of that name, or a volume that is to be mounted, is not this lab's, with what can be done; when
 *   the engine does not answer
 */
export function clearLeftovers(
  lab: Lab,
  docker: DockerCommand,
): (args: pulumi.ResourceHookArgs) => Promise<void> {
  return async ({ type, newInputs }) => {
    const kind = kinds[type];
    const { name, volumes = [] } = wantedSchema.parse(newInputs);
    if (kind === undefined || name === undefined) return;
    const owner = { ...lab, id: await new Promise<string>((resolve) => lab.id.apply(resolve)) };
    const is = await isThere(owner, docker, kind, name);
    for (const { volumeName } of volumes) {
      if (volumeName !== undefined) await isThere(owner, docker, "volume", volumeName);
    }
    if (is && kind === "container") {
      await mustRunDocker(docker, ["container", "rm", "--force", "--volumes", name]);
    }
    if (is && kind === "network") await removeNetwork(docker, owner, name);
  };
}

/** Whether the lab has this already. @throws when something of that name is not the lab's */
async function isThere(owner: Owner, docker: DockerCommand, kind: Kind, name: string): Promise<boolean> {
  const labels = await labelsOf(docker, kind, name);
  if (labels === undefined) return false;
  if (labels[LAB_LABEL] === owner.id) return true;
  if (labels["edgelab.project"] === owner.project && labels["edgelab.stack"] === owner.stack) {
    const other = { lab: labels[LAB_LABEL] ?? "", checkout: labels[CHECKOUT_LABEL] ?? "" };
    throw new Error(
      `the ${kind} ${name} is there already, and belongs to ${whose(other)}\n  fix: ${wayAround(other, owner.stack)}`,
    );
  }
  throw new Error(
    `a ${kind} named ${name} is there already, and this lab did not make it\n` +
      `  fix: docker ${kind} rm${kind === "container" ? " --force" : ""} ${name}   # if it can go`,
  );
}

/** @returns undefined when there is nothing of that name */
async function labelsOf(docker: DockerCommand, kind: Kind, name: string): Promise<Labels | undefined> {
  const path = kind === "container" ? ".Config.Labels" : ".Labels";
  const { code, stdout, stderr } = await docker([kind, "inspect", "--format", `{{json ${path}}}`, name]);
  if (code === 0) return labelsSchema.parse(JSON.parse(stdout)) ?? {};
  if (/no such|not found/i.test(stderr)) return undefined;
  throw new Error(`cannot look for a ${kind} named ${name}: ${stderr.trim()}`);
}

/** A network that containers are on cannot go: the lab's own go with it, others are only taken off it. */
async function removeNetwork(docker: DockerCommand, { id }: Owner, name: string): Promise<void> {
  const list = ["container", "ls", "--all", "--quiet", "--filter", `network=${name}`];
  const own = lines(await mustRunDocker(docker, [...list, "--filter", `label=${LAB_LABEL}=${id}`]));
  if (own.length > 0) await mustRunDocker(docker, ["container", "rm", "--force", "--volumes", ...own]);
  for (const other of lines(await mustRunDocker(docker, list))) {
    await mustRunDocker(docker, ["network", "disconnect", "--force", name, other]);
  }
  await mustRunDocker(docker, ["network", "rm", name]);
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
