import { z } from "zod";
import { diffInputs } from "../../../../lib/provider/diff.ts";
import type { ResourceHandler } from "../../../../lib/provider/server.ts";
import { asGiven, checkCovered } from "./check.ts";
import type { Engine } from "./engine.ts";
import { labelMap } from "./labels.ts";

const inputs = z.strictObject({
  name: z.string().min(1),
  driver: z.string().optional(),
  labels: z.array(z.strictObject({ label: z.string(), value: z.string() })).optional(),
});

export type VolumeInputs = z.infer<typeof inputs>;

export interface VolumeOutputs extends VolumeInputs {
  readonly mountpoint: string;
  readonly driverOpts: Record<string, string>;
}

const found = z.object({
  Name: z.string(),
  Driver: z.string(),
  Mountpoint: z.string(),
});

/**
 * `docker:index/volume:Volume`. As in the official provider (resource_docker_volume.go) every change replaces it, and a
 * volume of that name that is there is taken over with its data, whoever made it.
 */
export function volumeHandler(engine: Engine): ResourceHandler<VolumeInputs, VolumeOutputs> {
  const path = (name: string) => `/volumes/${encodeURIComponent(name)}`;
  const inspect = (name: string) => engine.inspect(path(name), found);
  const outputsOf = (news: VolumeInputs, actual: z.infer<typeof found>): VolumeOutputs => ({
    ...news,
    name: actual.Name,
    driver: actual.Driver,
    mountpoint: actual.Mountpoint,
    driverOpts: {},
  });

  return {
    check: (news) => checkCovered(inputs, news),
    diff: ({ inputs: olds }, news) => ({ changes: diffInputs(asGiven(olds), news, () => "replace") }),

    create: async (news) => {
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
