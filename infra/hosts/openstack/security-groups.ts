import * as openstack from "@pulumi/openstack";
import * as pulumi from "@pulumi/pulumi";
import type { Lab } from "../../lab.ts";
import type { LabPlan } from "../../plan/lab.ts";
import type { Sweep } from "./sweep.ts";
import { tagsOf } from "./tags.ts";

export interface SecurityGroupsArgs {
  lab: Lab;
  /** Networks from which SSH is let in. */
  sshCidrs: readonly string[];
  plan: Pick<LabPlan, "services" | "peers">;
  sweep: Sweep;
}

const sshPort = 22;

/** The ports of each role that services of other hosts use, ascending: from the table that hosts' firewalls are made of. */
export function portsByRole({
  services,
  peers,
}: Pick<LabPlan, "services" | "peers">): ReadonlyMap<string, readonly number[]> {
  const roleOf = new Map(services.map(({ name, role }) => [name, role]));
  const ports = new Map<string, Set<number>>();
  for (const { service, port, from } of peers) {
    const role = roleOf.get(service);
    if (role === undefined || from.length === 0) continue;
    ports.set(role, (ports.get(role) ?? new Set()).add(port));
  }
  return new Map([...ports].map(([role, set]) => [role, [...set].sort((a, b) => a - b)]));
}

/**
 * Who may reach the VMs: members of the lab's group reach each other's SSH and, by role, the ports of its services;
 * configured networks reach vm1's SSH; nobody reaches anything else.
 */
export class SecurityGroups extends pulumi.ComponentResource {
  readonly #members: openstack.networking.SecGroup;
  readonly #entrance: openstack.networking.SecGroup;
  readonly #roles: ReadonlyMap<string, openstack.networking.SecGroup>;

  constructor(
    name: string,
    { lab, sshCidrs, plan, sweep }: SecurityGroupsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("edgelab:hosts:SecurityGroups", name, {}, opts);
    const options = { ...sweep.options, parent: this };
    const group = (what: string) =>
      new openstack.networking.SecGroup(
        `${name}-${what}`,
        { name: lab.resourceName(what), description: sweep.mark, tags: tagsOf(lab) },
        options,
      );
    const rule = (
      what: string,
      into: openstack.networking.SecGroup,
      port: number,
      from: { remoteIpPrefix: string } | { remoteGroupId: pulumi.Input<string> },
    ) =>
      new openstack.networking.SecGroupRule(
        `${name}-${what}`,
        {
          direction: "ingress",
          ethertype: "IPv4",
          protocol: "tcp",
          portRangeMin: port,
          portRangeMax: port,
          securityGroupId: into.id,
          ...from,
        },
        options,
      );
    this.#members = group("members");
    this.#entrance = group("entrance");
    rule("members-ssh", this.#members, sshPort, { remoteGroupId: this.#members.id });
    for (const cidr of sshCidrs) {
      rule(`entrance-${cidr}`, this.#entrance, sshPort, { remoteIpPrefix: cidr });
    }
    this.#roles = new Map(
      [...portsByRole(plan)].map(([role, ports]) => {
        const members = group(role);
        for (const port of ports) {
          rule(`${role}-${port}`, members, port, { remoteGroupId: this.#members.id });
        }
        return [role, members] as const;
      }),
    );
    this.registerOutputs({});
  }

  /** Ids of the groups of a VM with services of these roles. @param entrance whether it is the one reached from outside */
  of(roles: readonly string[], entrance: boolean): pulumi.Output<string>[] {
    const own = [...new Set(roles)].flatMap((role) => this.#roles.get(role) ?? []);
    return [this.#members, ...(entrance ? [this.#entrance] : []), ...own].map(({ id }) => id);
  }
}
