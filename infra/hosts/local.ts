import { resolve } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { type Lab, labels } from "../lab.ts";
import type { LabPlan } from "../plan/lab.ts";
import { Folder, folderUser } from "../resources/folder.ts";
import { hostCommands } from "./commands.ts";
import { localDocker } from "./docker-command.ts";
import { type Host, hostFinder, type LabHosts } from "./host.ts";
import { clearLeftovers } from "./leftovers.ts";

export interface LocalHostsArgs {
  lab: Lab;
  /** Subnet of the lab's Docker network, as an IPv4 CIDR; left to Docker when absent. */
  cidr?: string | undefined;
  plan: Pick<LabPlan, "services" | "commands">;
  /** Root of the checkout, which folders are relative to. */
  root: string;
}

/** The Docker engine of the machine that Pulumi runs on. */
export function localDockerHost(): string {
  return process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock";
}

/**
 * This machine as the lab's only host: one bridge network on the local Docker engine, on which services find
 * each other by container name. Ports are published on the loopback address only.
 */
export class LocalHosts extends pulumi.ComponentResource implements LabHosts {
  readonly hosts: readonly [Host];
  readonly forwards = [];
  readonly builder: docker.Provider;
  readonly hostOf: LabHosts["hostOf"];

  constructor(name: string, args: LocalHostsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("edgelab:hosts:Local", name, {}, opts);
    const { lab, root } = args;
    const machine = { name: "local" };
    const { commands } = args.plan;
    const prepared = hostCommands(`${name}-commands`, { commands, machines: [machine] }, { parent: this });
    const ready = [...prepared(machine.name)];
    const provider = new docker.Provider(
      `${name}-docker`,
      { host: localDockerHost() },
      { parent: this, dependsOn: ready },
    );
    const hooks = { beforeCreate: [clearLeftovers(lab, localDocker(localDockerHost()))] };
    const network = new docker.Network(
      `${name}-network`,
      {
        name: lab.resourceName("network"),
        driver: "bridge",
        ...(args.cidr === undefined ? {} : { ipamConfigs: [{ subnet: args.cidr }] }),
        labels: labels(lab, { pipeline: "network", role: "network" }),
      },
      { parent: this, provider, hooks, deleteBeforeReplace: true },
    );
    const operatorAddress = "127.0.0.1";
    this.hosts = [
      {
        ...machine,
        operatorAddress,
        sharedPorts: false,
        connection: undefined,
        stateName: (name) => name,
        options: { provider, hooks },
        attach: () => ({ networkMode: "bridge", networksAdvanced: [{ name: network.name }] }),
        peerAddress: (containerName) => containerName,
        bind: (containerName, { port, published }) => ({
          listenAddress: "0.0.0.0",
          listenPort: port,
          peer: `${containerName}:${port}`,
          mapping:
            published === undefined
              ? undefined
              : { internal: port, external: published, ip: operatorAddress },
        }),
        imageId: (image) => image.imageId,
        folder: (folderName, path, parent) => {
          const { uid, gid, user } = folderUser();
          const absolute = resolve(root, path);
          return {
            path: absolute,
            user,
            resource: new Folder(folderName, { path: absolute, uid, gid }, { parent, dependsOn: ready }),
          };
        },
      },
    ];
    this.hostOf = hostFinder(this.hosts, args.plan.services);
    this.builder = provider;
    this.registerOutputs({ hosts: this.hosts.map((host) => host.name) });
  }
}
