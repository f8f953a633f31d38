import { z } from "zod";
import { diffDrift, diffInputs } from "../../../../lib/provider/diff.ts";
import type { ResourceHandler } from "../../../../lib/provider/server.ts";
import { asGiven, checkCovered } from "./check.ts";
import type { Engine } from "./engine.ts";
import { labelMap } from "./labels.ts";

const inputs = z.strictObject({
  name: z.string().min(1),
  driver: z.string().optional(),
  internal: z.boolean().optional(),
  ipamConfigs: z.array(z.strictObject({ subnet: z.string().optional() })).optional(),
  labels: z.array(z.strictObject({ label: z.string(), value: z.string() })).optional(),
});

export type NetworkInputs = z.infer<typeof inputs>;

export interface NetworkOutputs extends Omit<NetworkInputs, "ipamConfigs"> {
  readonly ipamConfigs: readonly { readonly subnet: string; readonly [property: string]: unknown }[];
  readonly scope: string;
  readonly options: Record<string, string>;
  readonly [property: string]: unknown;
}

const found = z.object({
  Id: z.string(),
  Name: z.string(),
  Driver: z.string(),
  Scope: z.string(),
  Internal: z.boolean(),
  Options: z.record(z.string(), z.string()).nullish(),
  Attachable: z.boolean().default(false),
  Ingress: z.boolean().default(false),
  EnableIPv6: z.boolean().default(false),
  IPAM: z.object({
    Driver: z.string().default("default"),
    Config: z.array(z.object({ Subnet: z.string().optional(), Gateway: z.string().optional() })).nullish(),
  }),
});

/**
 * `docker:index/network:Network`. As in the official provider (kreuzwerker/terraform-provider-docker,
 * resource_docker_network.go) a network has no update: every change replaces it.
 */
export function networkHandler(engine: Engine): ResourceHandler<NetworkInputs, NetworkOutputs> {
  const inspect = (id: string) => engine.inspect(`/networks/${encodeURIComponent(id)}`, found);

  const outputsOf = (news: NetworkInputs, actual: z.infer<typeof found>): NetworkOutputs => ({
    ...news,
    name: actual.Name,
    driver: actual.Driver,
    internal: actual.Internal,
    attachable: actual.Attachable,
    ingress: actual.Ingress,
    ipv6: actual.EnableIPv6,
    ipamDriver: actual.IPAM.Driver,
    ipamConfigs: (actual.IPAM.Config ?? []).map(({ Subnet = "", Gateway = "" }) => ({
      subnet: Subnet,
      gateway: Gateway,
      ipRange: "",
      auxAddress: {},
    })),
    scope: actual.Scope,
    options: actual.Options ?? {},
  });

  return {
    check: (news) => checkCovered(inputs, news),
    diff: (olds, news) => ({ changes: networkChanges(olds, news) }),

    create: async (news) => {
      const body = await engine.call("POST", "/networks/create", {
        Name: news.name,
        CheckDuplicate: true,
        Driver: news.driver ?? "bridge",
        Internal: news.internal ?? false,
        Labels: labelMap(news.labels),
        ...(news.ipamConfigs === undefined
          ? {}
          : { IPAM: { Config: news.ipamConfigs.map(({ subnet }) => ({ Subnet: subnet })) } }),
      });
      const { Id } = z.object({ Id: z.string() }).parse(JSON.parse(body));
      const actual = await inspect(Id);
      if (actual === undefined) throw new Error(`network ${news.name} vanished as soon as it was made`);
      return { id: Id, outputs: outputsOf(news, actual) };
    },

    read: async (id, _outputs, olds) => {
      const actual = await inspect(id);
      if (actual === undefined) return undefined;
      return { id: actual.Id, outputs: outputsOf(olds ?? { name: actual.Name }, actual), inputs: olds };
    },

    update: async () => {
      throw new Error("a network cannot be changed in place");
    },

    delete: async (id) => {
      await engine.call("DELETE", `/networks/${id}`, undefined, [404]);
    },
  };
}

export function networkChanges(
  olds: { inputs: NetworkInputs; outputs: NetworkOutputs },
  news: NetworkInputs,
): Record<string, "update" | "replace"> {
  const replace = () => "replace" as const;
  const subnets = (configs: readonly { readonly subnet?: string | undefined }[]) =>
    configs.map(({ subnet }) => subnet);
  // The provider compares what config says of a subnet; gateway and the like are the engine's choice.
  const wanted = { ...news, ipamConfigs: news.ipamConfigs && subnets(news.ipamConfigs) };
  const found = { ...olds.outputs, ipamConfigs: subnets(olds.outputs.ipamConfigs ?? []) };
  return {
    ...diffDrift(found, wanted, ["name", "driver", "internal", "ipamConfigs"], replace),
    ...diffInputs(asGiven(olds.inputs), news, replace),
  };
}
