import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { knownId, type Lab } from "../../lab.ts";
import { markKey } from "../../provider/openstack/remains.ts";
import { session } from "./sweep.ts";

/** What VMs take of a project's quota, memory in MB. */
export interface Taken {
  readonly instances: number;
  readonly cores: number;
  readonly memoryMB: number;
}

/** What a project may have, and what it has; -1 is no limit. */
export interface Limits {
  readonly max: Taken;
  readonly used: Taken;
}

const limitsSchema = z.object({
  limits: z.object({
    absolute: z.object({
      maxTotalInstances: z.number(),
      maxTotalCores: z.number(),
      maxTotalRAMSize: z.number(),
      totalInstancesUsed: z.number(),
      totalCoresUsed: z.number(),
      totalRAMUsed: z.number(),
    }),
  }),
});
const serversSchema = z.object({
  servers: z.array(
    z.object({
      name: z.string(),
      metadata: z.record(z.string(), z.string()),
      flavor: z.object({ vcpus: z.number(), ram: z.number() }),
    }),
  ),
});

const nouns: Readonly<Record<keyof Taken, string>> = {
  instances: "VMs",
  cores: "virtual cores",
  memoryMB: "MB of memory",
};

/** What the quota does not allow of a lab's VMs, a line each. @param ours what the lab has already */
export function quotaProblems({ max, used }: Limits, ours: Taken, wanted: Taken): string[] {
  return (Object.keys(nouns) as (keyof Taken)[]).flatMap((key) => {
    const others = used[key] - ours[key];
    if (max[key] < 0 || others + wanted[key] <= max[key]) return [];
    return [
      `${max[key]} ${nouns[key]}, of which others have ${others}, and the lab's VMs take ${wanted[key]}`,
    ];
  });
}

/**
 * Refuses a lab that the project's quota has no room for, before anything is made.
 *
 * @param wanted what its VMs take, those that are there already included
 * @throws pulumi.RunError with the numbers, and what can be done; Error when the cloud does not tell,
 *   or there is no credential
 */
export async function checkQuota(lab: Lab, wanted: Taken): Promise<void> {
  const cloud = session();
  const { absolute } = limitsSchema.parse(await cloud.request("compute", "GET", "/limits")).limits;
  const { servers } = serversSchema.parse(await cloud.request("compute", "GET", "/servers/detail"));
  const id = await knownId(lab);
  const own = servers.filter(({ metadata }) => id !== undefined && metadata[markKey] === id);
  const sum = (of: (server: (typeof own)[number]) => number) =>
    own.reduce((total, one) => total + of(one), 0);
  const problems = quotaProblems(
    {
      max: {
        instances: absolute.maxTotalInstances,
        cores: absolute.maxTotalCores,
        memoryMB: absolute.maxTotalRAMSize,
      },
      used: {
        instances: absolute.totalInstancesUsed,
        cores: absolute.totalCoresUsed,
        memoryMB: absolute.totalRAMUsed,
      },
    },
    {
      instances: own.length,
      cores: sum(({ flavor }) => flavor.vcpus),
      memoryMB: sum(({ flavor }) => flavor.ram),
    },
    wanted,
  );
  if (problems.length === 0) return;
  throw new pulumi.RunError(
    `the project's quota in the cloud is too small: it may have ${problems.join("; ")}.\n` +
      `  fix: use fewer or smaller VMs (openstack.count, openstack.flavor: ./scripts/pulumi config set openstack.count N --stack ${lab.stack}), ` +
      "remove others (openstack server list), or ask for more (openstack quota show)",
  );
}
