import * as openstack from "@pulumi/openstack";
import * as pulumi from "@pulumi/pulumi";
import type { Endpoint } from "../../../lib/ssh/connection.ts";
import type { CoreConfig } from "../../config/schema.ts";
import type { Lab } from "../../lab.ts";
import type { LabPlan } from "../../plan/lab.ts";
import type { RemoteMachine } from "../ready-machine.ts";
import { keyPath, publicHalf } from "../ssh.ts";
import { checkFlavor, checkImage, networkId } from "./lookups.ts";
import { VmNetwork } from "./network.ts";
import { SecurityGroups } from "./security-groups.ts";
import { Sweep } from "./sweep.ts";
import { tagsOf } from "./tags.ts";
import { Vm } from "./vm.ts";

export interface OpenstackVmsArgs {
  lab: Lab;
  config: CoreConfig;
  plan: Pick<LabPlan, "hosts" | "services" | "peers">;
  /** Root of the checkout, which the key's path is relative to. */
  root: string;
}

/**
 * VMs on OpenStack in a network of their own: `<stack>-vm1` and so on, at fixed addresses, with security groups made of
 * the lab's table of ports, spread over the cloud's machines. vm1 has a floating IP and passes connections on to the
 * others. Credentials come from clouds.yaml (`openstack:cloud`) or the environment, as OpenStack's own tools have them.
 */
export class OpenstackVms extends pulumi.ComponentResource {
  /** What services of the lab are placed on. */
  readonly machines: readonly RemoteMachine[];
  /** Address of vm1 from outside. */
  readonly floatingAddress: pulumi.Output<string>;

  constructor(
    name: string,
    { lab, config, plan, root }: OpenstackVmsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("edgelab:hosts:Openstack", name, {}, opts);
    const { openstack: settings, ssh } = config;
    const sweep = new Sweep(`${name}-sweep`, { lab }, { parent: this });
    const parent = { parent: sweep };
    const keyFile = keyPath(root, ssh.keyFile);
    const key = new openstack.compute.Keypair(
      `${name}-key`,
      { name: pulumi.interpolate`${sweep.mark}-key`, publicKey: publicHalf(keyFile) },
      sweep.options,
    );
    const external = networkId(settings.externalNetwork);
    const { cidr, dns } = settings;
    const network = new VmNetwork(`${name}-network`, { lab, sweep, cidr, dns, external }, parent);
    const groups = settings.bareMetal
      ? undefined
      : new SecurityGroups(`${name}-security`, { lab, sshCidrs: settings.sshCidrs, plan, sweep }, parent);
    const spread = settings.bareMetal
      ? undefined
      : new openstack.compute.ServerGroup(
          `${name}-spread`,
          { name: pulumi.interpolate`${sweep.mark}-spread`, policies: [settings.antiAffinity] },
          sweep.options,
        );
    const kind = { image: checkImage(settings.image), flavor: checkFlavor(lab, settings) };
    const vms = plan.hosts.map((host, index) => {
      const roles = host.services.map(({ role }) => role);
      return new Vm(
        host.name,
        {
          lab,
          settings,
          kind,
          key,
          sweep,
          network,
          address: network.address(index),
          groups: groups?.of(roles, index === 0),
          spread,
          keepData: config.keepData,
        },
        parent,
      );
    });
    const [first] = vms;
    if (first === undefined) throw new Error("a lab without VMs was let through by the config's rules");
    this.floatingAddress = floating(name, { lab, settings, port: first.port, network, sweep });
    const endpoint = (address: string): Endpoint => ({ address, port: 22, user: settings.user, keyFile });
    this.machines = vms.map(({ hostName, address, instance }, index): RemoteMachine => {
      const connection = this.floatingAddress.apply((outside) =>
        index === 0 ? endpoint(outside) : { ...endpoint(address), jump: endpoint(outside) },
      );
      return {
        name: hostName,
        connection,
        peerAddress: address,
        instance: instance.id,
        ...(index === 0 ? {} : { jumpInstance: first.instance.id }),
        // Data that are kept have to be put down in good order.
        ...(config.keepData ? {} : { deletedWith: instance }),
      };
    });
    this.registerOutputs({ floatingAddress: this.floatingAddress });
  }
}

/** A floating IP on vm1: the one that config names, or a new one. */
function floating(
  name: string,
  args: {
    lab: Lab;
    settings: CoreConfig["openstack"];
    port: openstack.networking.Port;
    network: VmNetwork;
    sweep: Sweep;
  },
): pulumi.Output<string> {
  const { lab, settings, port, network, sweep } = args;
  const address =
    settings.floatingIp === ""
      ? new openstack.networking.FloatingIp(
          `${name}-address`,
          { pool: settings.externalNetwork, description: sweep.mark, tags: tagsOf(lab) },
          sweep.options,
        ).address
      : pulumi.output(settings.floatingIp);
  const associated = new openstack.networking.FloatingIpAssociate(
    `${name}-address-of-vm1`,
    { floatingIp: address, portId: port.id },
    // Before the router has its leg in the subnet, no address can lead there.
    { parent: sweep, dependsOn: [network.way] },
  );
  return associated.floatingIp;
}
