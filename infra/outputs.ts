import * as pulumi from "@pulumi/pulumi";
import type { LabHosts } from "./hosts/host.ts";
import type { LabPlan } from "./plan/lab.ts";

/** The stack output `hosts`: each machine, how to log in to it where it is another one, and what it does. */
export function hostTable(plan: Pick<LabPlan, "services">, { hosts }: LabHosts) {
  return hosts.map(({ name, address, connection }) => ({
    name,
    address,
    roles: [...new Set(plan.services.filter(({ host }) => host === name).map(({ role }) => role))],
    ...(connection === undefined ? {} : { connection }),
  }));
}

/**
 * The stack output `forwards`: for each host what the tunnel leads to; empty when the lab is on this machine. It is for
 * scripts alone, and a secret for one reason: a preview would print pages of it.
 */
export function forwardsByHost({ hosts, forwards }: LabHosts) {
  const all = hosts.flatMap(({ name, connection }) => {
    const own = forwards.filter(({ host }) => host === name).map(({ host: _, ...forward }) => forward);
    return connection === undefined ? [] : [{ host: name, connection, forwards: own }];
  });
  return all.length === 0 ? [] : pulumi.secret(all);
}
