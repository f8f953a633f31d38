import * as pulumi from "@pulumi/pulumi";
import type { CoreConfig } from "../config/schema.ts";
import type { Lab } from "../lab.ts";
import type { LabPlan } from "../plan/lab.ts";
import { placementTable } from "../plan/table.ts";
import type { LabHosts } from "./host.ts";
import { LocalHosts } from "./local.ts";
import { OpenstackVms } from "./openstack/vms.ts";
import type { RemoteMachine } from "./ready-machine.ts";
import { RemoteHosts } from "./remote.ts";
import { sshMachines } from "./ssh.ts";

export interface LabHostsArgs {
  lab: Lab;
  config: CoreConfig;
  plan: LabPlan;
  /** Root of the checkout, which paths are relative to. */
  root: string;
}

/** The machines of the configured target. The one place that knows which target it is. */
export function labHosts(args: LabHostsArgs): LabHosts {
  const { lab, config, plan, root } = args;
  if (config.target === "local") {
    return new LocalHosts("local", { lab, cidr: config.network.cidr, plan, root });
  }
  void pulumi.log.info(`what runs where:\n${placementTable(plan)}`);
  return new RemoteHosts("hosts", { lab, config, plan, machines: machinesOf(args) });
}

function machinesOf({ lab, config, plan, root }: LabHostsArgs): readonly RemoteMachine[] {
  return config.target === "ssh"
    ? sshMachines(config, root)
    : new OpenstackVms("openstack", { lab, config, plan, root }).machines;
}
