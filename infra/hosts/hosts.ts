import * as pulumi from "@pulumi/pulumi";
import { brokerGB } from "../config/rules.placement.ts";
import type { LabConfig } from "../config/schema.ts";
import type { Lab } from "../lab.ts";
import { hostNeeds, place, placementTable } from "../plan/placement.ts";
import type { LabHosts } from "./host.ts";
import { LocalHosts } from "./local.ts";
import { OpenstackVms } from "./openstack/vms.ts";
import { RemoteHosts, type RemoteMachine } from "./remote.ts";
import { sshMachines } from "./ssh.ts";

/**
 * The machines of the configured target. The one place that knows which target it is.
 *
 * @param root root of the checkout, which paths are relative to
 */
export function labHosts(lab: Lab, config: LabConfig, root: string): LabHosts {
  if (config.target === "local") {
    return new LocalHosts("local", { lab, cidr: config.network.cidr, root });
  }
  void pulumi.log.info(`what runs where:\n${placementTable(config, brokerGB(config))}`);
  const [first, ...others] = machinesOf(lab, config, root);
  if (first === undefined) throw new Error("a lab without machines was let through by the config's rules");
  return new RemoteHosts("hosts", {
    lab,
    config,
    machines: [first, ...others],
    placed: place(config),
    needs: hostNeeds(config, brokerGB(config)),
  });
}

function machinesOf(lab: Lab, config: LabConfig, root: string): RemoteMachine[] {
  if (config.target === "ssh") return sshMachines(config, root);
  return [...new OpenstackVms("openstack", { lab, config, root }).machines];
}
