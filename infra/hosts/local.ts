import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { type Lab, labels } from "../lab.ts";
import type { Host } from "./host.ts";

export interface LocalHostsArgs {
  lab: Lab;
  /** Subnet of the lab's Docker network, as an IPv4 CIDR; left to Docker when absent. */
  cidr?: string | undefined;
}

/**
 * This machine as the lab's only host: one bridge network on the local Docker engine, on which services find
 * each other by container name. Ports are published on the loopback address only.
 */
export class LocalHosts extends pulumi.ComponentResource {
  readonly hosts: readonly [Host, ...Host[]];

  constructor(name: string, args: LocalHostsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("edgelab:hosts:Local", name, {}, opts);
    const { lab } = args;
    const provider = new docker.Provider(
      `${name}-docker`,
      { host: process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock" },
      { parent: this },
    );
    const network = new docker.Network(
      `${name}-network`,
      {
        name: lab.resourceName("network"),
        driver: "bridge",
        ...(args.cidr === undefined ? {} : { ipamConfigs: [{ subnet: args.cidr }] }),
        labels: labels(lab, { pipeline: "network", role: "network" }),
      },
      { parent: this, provider, deleteBeforeReplace: true },
    );
    this.hosts = [
      {
        name: "local",
        operatorAddress: "127.0.0.1",
        provider,
        attach: () => ({ networkMode: "bridge", networksAdvanced: [{ name: network.name }] }),
        peerAddress: (containerName) => containerName,
      },
    ];
    this.registerOutputs({ hosts: this.hosts.map((host) => host.name) });
  }
}
