import * as openstack from "@pulumi/openstack";
import * as pulumi from "@pulumi/pulumi";
import { firstVmAddress } from "../../config/rules.ts";
import { addressIn } from "../../config/subnet.ts";
import type { Lab } from "../../lab.ts";
import { Sweep } from "./sweep.ts";
import { tagsOf } from "./tags.ts";

export interface VmNetworkArgs {
  lab: Lab;
  sweep: Sweep;
  /** Subnet as an IPv4 CIDR. */
  cidr: string;
  /** Addresses of name servers; none means the cloud's own. */
  dns: readonly string[];
  /** Id of the network that the router leads to. */
  external: pulumi.Input<string>;
}

/** A network of the lab's own, with one subnet and a router to the outside. */
export class VmNetwork extends pulumi.ComponentResource {
  readonly networkId: pulumi.Output<string>;
  readonly subnetId: pulumi.Output<string>;
  /** What makes the subnet reachable from outside. */
  readonly way: pulumi.Resource;
  readonly #cidr: string;

  constructor(
    name: string,
    { lab, sweep, cidr, dns, external }: VmNetworkArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("edgelab:hosts:OpenstackNetwork", name, {}, opts);
    this.#cidr = cidr;
    const common = { name: lab.resourceName("network"), description: sweep.mark, tags: tagsOf(lab) };
    const options = { ...sweep.options, parent: this };
    const network = new openstack.networking.Network(name, { ...common, adminStateUp: true }, options);
    const subnet = new openstack.networking.Subnet(
      `${name}-subnet`,
      { ...common, networkId: network.id, cidr, dnsNameservers: [...dns], ipVersion: 4, enableDhcp: true },
      options,
    );
    const router = new openstack.networking.Router(
      `${name}-router`,
      { ...common, externalNetworkId: external, adminStateUp: true },
      options,
    );
    // A leg that nobody knows of would keep router and subnet.
    const legs = new Sweep(
      `${name}-sweep`,
      { lab, kinds: ["router-interface"] },
      { parent: this, dependsOn: [router, subnet] },
    );
    this.way = new openstack.networking.RouterInterface(
      `${name}-way`,
      { routerId: router.id, subnetId: subnet.id },
      legs.options,
    );
    this.networkId = network.id;
    this.subnetId = subnet.id;
    this.registerOutputs({ networkId: this.networkId });
  }

  /** The fixed address of a VM, by its number from 0. */
  address(index: number): string {
    return addressIn(this.#cidr, firstVmAddress + index);
  }
}
