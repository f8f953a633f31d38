import { z } from "zod";
import { diffInputs } from "../../../../lib/provider/diff.ts";
import type { ResourceHandler } from "../../../../lib/provider/server.ts";
import { checkCovered } from "./check.ts";
import type { Engine } from "./engine.ts";
import { isLeftover, labelMap, nameTaken } from "./owned.ts";

const inputs = z.strictObject({
  name: z.string().min(1),
  driver: z.string().optional(),
  labels: z.array(z.strictObject({ label: z.string(), value: z.string() })).optional(),
});

export type VolumeInputs = z.infer<typeof inputs>;

export interface VolumeOutputs extends VolumeInputs {
  readonly mountpoint: string;
}

const found = z.object({
  Name: z.string(),
  Driver: z.string(),
  Mountpoint: z.string(),
  Labels: z.record(z.string(), z.string()).nullish(),
});

/**
 * `docker:index/volume:Volume`. As in the official provider (resource_docker_volume.go) every change replaces it. A
 * volume of that name which this stack made earlier (kept by a destroy, or left by an interrupted update) is taken
 * over with its data; anybody else's is not touched.
 */
export function volumeHandler(engine: Engine): ResourceHandler<VolumeInputs, VolumeOutputs> {
  const path = (name: string) => `/volumes/${encodeURIComponent(name)}`;
  const inspect = (name: string) => engine.inspect(path(name), found);
  const outputsOf = (news: VolumeInputs, actual: z.infer<typeof found>): VolumeOutputs => ({
    ...news,
    name: actual.Name,
    driver: actual.Driver,
    mountpoint: actual.Mountpoint,
  });

  return {
    check: (news) => checkCovered(inputs, news),
    diff: ({ inputs: olds }, news) => ({ changes: diffInputs(olds, news, () => "replace") }),

    create: async (news, context) => {
      const before = await inspect(news.name);
      if (before !== undefined && !isLeftover(before.Labels, news.labels)) {
        throw nameTaken("volume", news.name, engine.commandLine("volume", "rm", news.name));
      }
      if (before !== undefined)
        await context.log("info", `volume ${news.name} exists already: kept with its data`);
      await engine.call("POST", "/volumes/create", {
        Name: news.name,
        Driver: news.driver ?? "local",
        Labels: labelMap(news.labels),
      });
      const actual = await inspect(news.name);
      if (actual === undefined) throw new Error(`volume ${news.name} vanished as soon as it was made`);
      return { id: actual.Name, outputs: outputsOf(news, actual) };
    },

    read: async (id, outputs, olds) => {
      const actual = await inspect(id);
      if (actual === undefined) return undefined;
      return { id, outputs: outputsOf(outputs ?? { name: id }, actual), inputs: olds };
    },

    update: async () => {
      throw new Error("a volume cannot be changed in place");
    },

    delete: async (id) => {
      await engine.call("DELETE", path(id), undefined, [404]);
    },
  };
}
