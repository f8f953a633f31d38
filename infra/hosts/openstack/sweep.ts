import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Lab } from "../../lab.ts";
import {
  interfacesOf,
  markKey,
  type RemainKind,
  remainKinds,
  remainsOf,
} from "../../provider/openstack/remains.ts";
import { CloudSession } from "../../provider/openstack/session.ts";
import type { SweepInputs } from "../../provider/sweep.ts";
import { clearRule } from "./sweep-rules.ts";

export interface SweepArgs {
  lab: Lab;
  /** Name of what is looked for; whatever its name when left out. */
  only?: string;
  /** All kinds when left out. */
  kinds?: readonly RemainKind[];
}

/**
 * Sees that nothing stays in the cloud that no state knows of: a request whose answer was lost has made it. Everything
 * of which that can be said gets this as its parent, so that it is deleted after it, and
 * {@link Sweep.options}. Served by the provider in `infra/provider`.
 */
export class Sweep extends pulumi.CustomResource {
  /** What all that belongs to the lab carries in the cloud: its id. */
  declare readonly mark: pulumi.Output<string>;

  constructor(name: string, { lab, only, kinds }: SweepArgs, opts?: pulumi.CustomResourceOptions) {
    const inputs: pulumi.Inputs & { [K in keyof SweepInputs]: pulumi.Input<SweepInputs[K] | undefined> } = {
      cloud: cloudName(),
      mark: lab.id,
      only,
      kinds: [...(kinds ?? remainKinds)],
    };
    super("lab:openstack:Sweep", name, inputs, opts);
  }

  /**
   * Options of a resource of the cloud that is to be swept. It is deleted before it is made anew: what is found under
   * its mark and name while it is to be made is nobody's.
   */
  get options(): Pick<pulumi.CustomResourceOptions, "parent" | "hooks" | "deleteBeforeReplace"> {
    return { parent: this, hooks: { beforeCreate: [clear] }, deleteBeforeReplace: true };
  }
}

/** Name in clouds.yaml, as the provider of OpenStack's resources has it; "" for what the environment says. */
export function cloudName(): string {
  return new pulumi.Config("openstack").get("cloud") ?? "";
}

const sessions = new Map<string, CloudSession>();

/** One for all that this run of the program asks. */
export function session(): CloudSession {
  const cloud = cloudName();
  const known = sessions.get(cloud) ?? new CloudSession(cloud);
  sessions.set(cloud, known);
  return known;
}

/** How the cloud is asked for what has been made, by the type of the resource that is about to be. */
const kindOf: Readonly<Record<string, RemainKind>> = {
  "openstack:compute/instance:Instance": "server",
  "openstack:compute/keypair:Keypair": "keypair",
  "openstack:compute/serverGroup:ServerGroup": "server-group",
  "openstack:networking/floatingIp:FloatingIp": "floatingip",
  "openstack:networking/network:Network": "network",
  "openstack:networking/port:Port": "port",
  "openstack:networking/router:Router": "router",
  "openstack:networking/secGroup:SecGroup": "security-group",
  "openstack:networking/subnet:Subnet": "subnet",
};

const inputsSchema = z.looseObject({
  name: z.string().optional(),
  description: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
});

/**
 * Removes what an earlier attempt has left: a resource that is about to be made is in no state, so whatever has its mark
 * and name already was made by a request of which nobody saw the answer.
 *
 * @throws when the cloud does not answer, or refuses, which keeps the resource from being made
 */
async function clear({ type, newInputs }: pulumi.ResourceHookArgs): Promise<void> {
  if (type === "openstack:networking/secGroupRule:SecGroupRule") return clearRule(session(), newInputs);
  if (type === "openstack:networking/routerInterface:RouterInterface") return clearInterface(newInputs);
  const kind = kindOf[type];
  if (kind === undefined) throw new Error(`nothing is known of how to look for what is left of a ${type}`);
  const { name, description, metadata } = inputsSchema.parse(newInputs);
  // Keys and server groups have their mark in their name, and are found by all of it.
  const mark = description ?? metadata?.[markKey] ?? name;
  if (mark === undefined) throw new Error(`${type} has no mark by which it could be found`);
  for (const remain of await remainsOf(session(), kind, mark)) {
    if (name === undefined || remain.name === name) await remain.remove();
  }
}

async function clearInterface(newInputs: unknown): Promise<void> {
  const { routerId, subnetId } = z
    .looseObject({ routerId: z.string(), subnetId: z.string() })
    .parse(newInputs);
  for (const leg of await interfacesOf(session(), routerId)) {
    if (leg.subnets.includes(subnetId)) await leg.remove();
  }
}
