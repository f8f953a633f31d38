import { z } from "zod";
import { type DockerCommand, mustRunDocker } from "./command.ts";

/** The label that holds the id of the lab that something belongs to. */
export const LAB_LABEL = "edgelab.lab";
/** The label that says where that lab was brought up from, `user@machine:folder`. */
export const CHECKOUT_LABEL = "edgelab.checkout";

/** Something that a Docker engine has under the name of a stack. */
export interface Holding {
  readonly kind: "container" | "network" | "volume" | "image";
  readonly name: string;
  /** Id of its lab; empty where that was made before labs had ids. */
  readonly lab: string;
  /** Where its lab was brought up from; empty where nobody knows. */
  readonly checkout: string;
}

const lists = {
  container: { args: ["container", "ls", "--all"], name: "{{.Names}}" },
  network: { args: ["network", "ls"], name: "{{.Name}}" },
  volume: { args: ["volume", "ls"], name: "{{.Name}}" },
} as const;

const imageSchema = z.object({
  RepoTags: z.array(z.string()).nullable(),
  Config: z.object({ Labels: z.record(z.string(), z.string()).nullable() }),
});

/**
 * What an engine has of a stack, running or not, whichever lab of that name it belongs to. Of images those that have a
 * name: others are Docker's build cache.
 *
 * @throws Error when the engine does not answer
 */
export async function holdingsOf(docker: DockerCommand, project: string, stack: string): Promise<Holding[]> {
  const filter = ["--filter", `label=edgelab.project=${project}`, "--filter", `label=edgelab.stack=${stack}`];
  const found = await Promise.all([
    ...(["container", "network", "volume"] as const).map((kind) => listed(docker, kind, filter)),
    images(docker, filter),
  ]);
  return found.flat();
}

async function listed(
  docker: DockerCommand,
  kind: keyof typeof lists,
  filter: readonly string[],
): Promise<Holding[]> {
  const { args, name } = lists[kind];
  const format = [name, label(LAB_LABEL), label(CHECKOUT_LABEL)].join("\t");
  const text = await mustRunDocker(docker, [...args, "--format", format, ...filter]);
  return linesOf(text).map((line) => {
    const [found = "", lab = "", checkout = ""] = line.split("\t");
    return { kind, name: found, lab, checkout };
  });
}

const label = (name: string): string => `{{.Label ${JSON.stringify(name)}}}`;

async function images(docker: DockerCommand, filter: readonly string[]): Promise<Holding[]> {
  const list = ["image", "ls", "--quiet", "--no-trunc", "--filter", "dangling=false", ...filter];
  const ids = [...new Set(linesOf(await mustRunDocker(docker, list)))];
  if (ids.length === 0) return [];
  const text = await mustRunDocker(docker, ["image", "inspect", "--format", "{{json .}}", ...ids]);
  return linesOf(text).flatMap((line) => {
    const { RepoTags, Config } = imageSchema.parse(JSON.parse(line));
    const lab = Config.Labels?.[LAB_LABEL] ?? "";
    const checkout = Config.Labels?.[CHECKOUT_LABEL] ?? "";
    return (RepoTags ?? []).map((name): Holding => ({ kind: "image", name, lab, checkout }));
  });
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
