import { join } from "node:path";
import { ToolchainError } from "../errors.ts";
import { type Context, healthy, logFile, missing, type Part } from "../part.ts";
import { placeOf, pullImage } from "../pull.ts";
import { attempt, logged } from "../run.ts";
import { readIfThere, writeAtomically } from "../store.ts";

export interface PulledImage {
  /** Folder in `images/` of what is built on it. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** What is pulled, unless the variable says otherwise. */
  readonly reference: string;
  /** Variable of the environment that names another one, such as that of a registry of your own. */
  readonly variable: string;
  /** What the lab does without it, for people. */
  readonly without: string;
}

/** What stands for the tag where no registry gives the image; infra reads it (infra/containers/pulled.ts). */
const NONE = "none";

/**
 * An image that can only be had where a registry answers. What was found once stays for this checkout, so that no lab is
 * built on another one by itself: `rm .edgelab/pulled/<name> && ./scripts/setup` looks again.
 */
export function pulledPart({ name, title, reference, variable, without }: PulledImage): Part {
  const wanted = ({ env }: Context) => env[variable] || reference;
  const recordFile = ({ project }: Context) => join(project, "pulled", name);
  const recorded = async (context: Context) => (await readIfThere(recordFile(context)))?.trim();
  const record = (context: Context, what: string) => writeAtomically(recordFile(context), `${what}\n`);
  return {
    name: title,
    needs: ["docker engine"],

    async find(context) {
      const tag = await recorded(context);
      if (tag === undefined) return missing(`it was not looked for ${title} yet`);
      if (tag === NONE) return healthy("none", `no registry gives it: ${without}`);
      if (!(await inDocker(context, tag))) return missing(`${tag} is not in Docker`);
      return healthy(tag.split(":")[1] ?? tag, `pulled (${wanted(context)})`);
    },

    async get(context) {
      const before = await recorded(context);
      const digest = await pullImage(context, wanted(context));
      if (digest !== undefined) {
        const tag = `edgelab/${name}:${digest}`;
        await logged(logFile(context, name), "docker", ["tag", wanted(context), tag], { env: context.env });
        return record(context, tag);
      }
      if (before === undefined || before === NONE) return record(context, NONE);
      // A lab may have data that only this image reads.
      throw new ToolchainError(
        `${before} is not in Docker any more, and ${placeOf(wanted(context))} does not give it`,
        `connect this machine to the registry, or rm ${recordFile(context)}; then ./scripts/setup`,
      );
    },
  };
}

async function inDocker({ env }: Context, tag: string): Promise<boolean> {
  return !(await attempt("docker", ["image", "inspect", tag], { env })).failed;
}

export const mongodbPart = pulledPart({
  name: "mongodb",
  title: "MongoDB's image",
  reference: "mongo:8.0",
  variable: "EDGELAB_MONGODB_IMAGE",
  without: "FerretDB has the documents",
});

export const kafkaUiPart = pulledPart({
  name: "kafka-ui",
  title: "Kafka UI's image",
  reference: "ghcr.io/kafbat/kafka-ui:v1.5.0",
  variable: "EDGELAB_KAFKA_UI_IMAGE",
  without: "the lab comes up without it",
});
