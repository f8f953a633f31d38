import { resolve } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { localDocker, localDockerHost } from "../../lib/docker/command.ts";
import { type Lab, labels } from "../lab.ts";
import type { LabPlan } from "../plan/lab.ts";
import { mainNetwork, networksOf } from "../plan/networks.ts";
import { Folder, folderUser } from "../resources/folder.ts";
import { hostCommands } from "./commands.ts";
import { type Host, hostFinder, type LabHosts } from "./host.ts";
import { clearLeftovers } from "./leftovers.ts";

export interface LocalHostsArgs {
  lab: Lab;
  /** Subnet of the Docker network that all but stores are on, as an IPv4 CIDR; left to Docker when absent. */
  cidr?: string | undefined;
  plan: Pick<LabPlan, "services" | "commands">;
  /** Root of the checkout, which folders are relative to. */
  root: string;
}

/**
 * This machine as the lab's only host: bridge networks on the local Docker engine, on which services find each other by
 * container name, one for all, one for each store and one for ZooKeeper (see networksOf()). Ports are published on the loopback address
 * only.
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
    const prepared = hostCommands(
      `${name}-commands`,
      { commands, machines: [{ ...machine, after: [lab.identity] }] },
      { parent: this },
    );
    const ready = [...prepared(machine.name)];
    const provider = new docker.Provider(
      `${name}-docker`,
      { host: localDockerHost() },
      { parent: this, dependsOn: [lab.identity, ...ready] },
    );
    const hooks = { beforeCreate: [clearLeftovers(lab, localDocker(localDockerHost()))] };
    const { services } = args.plan;
    const networkNames = new Map(
      services.map((each) => [lab.resourceName(each.name), networksOf(each, services)]),
    );
    const networks = new Map(
      [...new Set([...networkNames.values()].flat())].map((network) => {
        const cidr = network === mainNetwork ? args.cidr : undefined;
        return [
          network,
          dockerNetwork(`${name}-${network}`, lab, network, cidr, { parent: this, provider, hooks }),
        ];
      }),
    );
    const attach = (containerName: string, sharedName: string | undefined) =>
      (networkNames.get(containerName) ?? []).flatMap((network) => {
        const made = networks.get(network);
        const aliases = sharedName === undefined ? {} : { aliases: [sharedName] };
        return made === undefined ? [] : [{ name: made.name, ...aliases }];
      });
    const operatorAddress = "127.0.0.1";
    this.hosts = [
      {
        ...machine,
        address: operatorAddress,
        operatorAddress,
        sharedPorts: false,
        connection: undefined,
        stateName: (name) => name,
        options: { provider, hooks },
        attach: (containerName, sharedName) => ({
          networkMode: "bridge",
          networksAdvanced: attach(containerName, sharedName),
        }),
        sharedAddress: (sharedName) => sharedName,
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

function dockerNetwork(
  resourceName: string,
  lab: Lab,
  network: string,
  cidr: string | undefined,
  options: pulumi.CustomResourceOptions,
): docker.Network {
  return new docker.Network(
    resourceName,
    {
      name: lab.resourceName(network),
      driver: "bridge",
      ...(cidr === undefined ? {} : { ipamConfigs: [{ subnet: cidr }] }),
      labels: labels(lab, { pipeline: "network", role: "network" }),
    },
    { ...options, deleteBeforeReplace: true },
  );
}
