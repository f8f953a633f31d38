import { existsSync } from "node:fs";
import { z } from "zod";
import { diffDrift, diffInputs, type Effect } from "../../../../lib/provider/diff.ts";
import type { Context, ResourceHandler } from "../../../../lib/provider/server.ts";
import { asGiven, checkCovered } from "./check.ts";
import { dockerfileOf } from "./dockerfile.ts";
import type { Engine } from "./engine.ts";

const build = z.strictObject({
  context: z.string().min(1),
  dockerfile: z.string().optional(),
  buildArgs: z.record(z.string(), z.string()).optional(),
  tags: z.array(z.string()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  useLegacyBuilder: z.literal(
    true,
    "must be true: the docker stand-in builds with the engine's own builder only",
  ),
});

/** Attributes of a build that the program leaves out, as the official provider has them in the state. */
const buildDefaults = {
  additionalContexts: [],
  authConfigs: [],
  buildArgs: {},
  buildId: "",
  buildLogFile: "",
  builder: "",
  cacheFroms: [],
  cacheTos: [],
  cgroupParent: "",
  cpuPeriod: 0,
  cpuQuota: 0,
  cpuSetCpus: "",
  cpuSetMems: "",
  cpuShares: 0,
  dockerfile: "Dockerfile",
  extraHosts: [],
  forceRemove: false,
  isolation: "",
  label: {},
  labels: {},
  memory: 0,
  memorySwap: 0,
  networkMode: "",
  noCache: false,
  platform: "",
  provenance: "",
  pullParent: false,
  remoteContext: "",
  remove: true,
  sbom: "",
  secrets: [],
  securityOpts: [],
  sessionId: "",
  shmSize: 0,
  squash: false,
  suppressOutput: false,
  tags: [],
  target: "",
  ulimits: [],
  version: "",
};

const inputs = z.strictObject({
  name: z.string().min(1),
  build: build.optional(),
  triggers: z.record(z.string(), z.string()).optional(),
  keepLocally: z.boolean().optional(),
  forceRemove: z.boolean().optional(),
});

export type RemoteImageInputs = z.infer<typeof inputs>;

export interface RemoteImageOutputs extends RemoteImageInputs {
  /** `sha256:…`: what containers should be made from. */
  readonly imageId: string;
  readonly repoDigest: string;
}

const found = z.object({ Id: z.string(), RepoDigests: z.array(z.string()).nullish() });

/** Lines of a failed build that are shown: enough for the command's own complaint and the step it came from. */
const SHOWN = 30;

/**
 * `docker:index/remoteImage:RemoteImage`. As in the official provider (resource_docker_image.go and its _funcs.go, see
 * ../CONFORMANCE.md): name, build and triggers replace; an image without `build` is pulled only when there is none of
 * that name; the resource's id is the image's id followed by its name; a deletion removes that name, whatever image it
 * means by then, and fails while a container runs it.
 */
export function remoteImageHandler(engine: Engine): ResourceHandler<RemoteImageInputs, RemoteImageOutputs> {
  const inspect = (name: string) => engine.inspect(`/images/${name}/json`, found);
  const outputsOf = (news: RemoteImageInputs, actual: z.infer<typeof found>): RemoteImageOutputs => ({
    ...news,
    ...(news.build === undefined ? {} : { build: { ...buildDefaults, ...news.build } }),
    imageId: actual.Id,
    repoDigest: actual.RepoDigests?.[0] ?? "",
  });

  return {
    check: (news) => checkCovered(inputs, news),
    diff: (olds, news) => ({ changes: remoteImageChanges(olds, news) }),

    create: async (news, context) => {
      if (news.build !== undefined) await buildImage(engine, news.name, news.build, context);
      else if ((await inspect(news.name)) === undefined) await pullImage(engine, news.name, context);
      const actual = await inspect(news.name);
      if (actual === undefined) throw new Error(`image ${news.name} vanished as soon as it was made`);
      return { id: actual.Id + news.name, outputs: outputsOf(news, actual) };
    },

    read: async (_id, outputs, olds) => {
      if (outputs === undefined) throw new Error("an image cannot be imported");
      const actual = await inspect(outputs.name);
      if (actual === undefined) return undefined;
      return { id: actual.Id + outputs.name, outputs: outputsOf(outputs, actual), inputs: olds };
    },

    update: async (_id, { outputs }, news) => ({ ...outputs, ...news }),

    delete: async (_id, outputs) => {
      if (outputs.keepLocally === true) return;
      const force = outputs.forceRemove === true;
      await engine.call("DELETE", `/images/${outputs.name}?force=${force}&noprune=true`, undefined, [404]);
    },
  };
}

export function remoteImageChanges(
  olds: { inputs: RemoteImageInputs; outputs: RemoteImageOutputs },
  news: RemoteImageInputs,
): Record<string, Effect> {
  const effect = (property: string): Effect =>
    ["name", "build", "triggers"].includes(property) ? "replace" : "update";
  return {
    ...diffDrift({ ...olds.outputs }, { ...news }, ["name"], effect),
    ...diffInputs(asGiven(olds.inputs), news, effect),
  };
}

/** The arguments of `docker build`. Build arguments are visible in the image's history: never secrets. */
export function buildArguments(name: string, options: z.infer<typeof build>): string[] {
  const pairs = (flag: string, values: Record<string, string> | undefined) =>
    Object.entries(values ?? {}).flatMap(([key, value]) => [flag, `${key}=${value}`]);
  return [
    "build",
    // Otherwise the container of a step that failed stays.
    "--force-rm",
    "--file",
    dockerfileOf(options.context, options.dockerfile),
    ...[...new Set([name, ...(options.tags ?? [])])].flatMap((tag) => ["--tag", tag]),
    ...pairs("--build-arg", options.buildArgs),
    ...pairs("--label", options.labels),
    options.context,
  ];
}

async function buildImage(engine: Engine, name: string, options: z.infer<typeof build>, context: Context) {
  if (!existsSync(options.context)) {
    throw new Error(
      `image ${name}: its build context ${options.context} does not exist (in ${process.cwd()})`,
    );
  }
  const { code, lines } = await engine.run(buildArguments(name, options), {
    env: { DOCKER_BUILDKIT: "0" },
    signal: context.signal,
    onLine: (line) => {
      if (line.startsWith("Step ")) void context.status(line);
    },
  });
  if (code !== 0) throw new Error(`building image ${name} failed:\n${lines.slice(-SHOWN).join("\n")}`);
}

async function pullImage(engine: Engine, name: string, context: Context) {
  await context.status(`pulling ${name}`);
  const { code, lines } = await engine.run(["pull", name], { signal: context.signal });
  if (code !== 0) {
    throw new Error(
      `image ${name} is not on this machine and cannot be pulled:\n${lines.slice(-SHOWN).join("\n")}`,
    );
  }
}
