import { isAbsolute, join } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { dockerHost, sshOptions } from "../../lib/ssh/arguments.ts";
import type { Connection } from "../../lib/ssh/connection.ts";
import type { CoreConfig } from "../config/schema.ts";
import { clearLeftovers } from "../containers/leftovers.ts";
import type { Lab } from "../lab.ts";
import type { LabPlan } from "../plan/lab.ts";
import { peerRules } from "../plan/peers.ts";
import { appUid, Folder } from "../resources/folder.ts";
import { ImageCopy } from "../resources/image-copy.ts";
import { Machine } from "../resources/machine.ts";
import { remoteDocker } from "./docker-command.ts";
import {
  type Binding,
  type BuiltImage,
  type Forward,
  type Host,
  type HostFolder,
  hostFinder,
  type LabHosts,
  type PortRequest,
} from "./host.ts";
import { localDockerHost } from "./local.ts";

/** A machine that can be logged in to. */
export interface RemoteMachine {
  readonly name: string;
  readonly connection: pulumi.Input<Connection>;
  /** IPv4 address at which the lab's other hosts reach it. */
  readonly peerAddress: string;
  /** Another value means another machine, on which everything is made anew. */
  readonly instance?: pulumi.Input<string>;
  /** The same of the machine that connections pass. */
  readonly jumpInstance?: pulumi.Input<string>;
  /** What it is gone with, so that nothing need be undone on it. */
  readonly deletedWith?: pulumi.Resource;
}

export interface RemoteHostsArgs {
  lab: Lab;
  config: Pick<CoreConfig, "ssh" | "keepData">;
  machines: readonly [RemoteMachine, ...RemoteMachine[]];
  plan: LabPlan;
}

/**
 * Machines reached over SSH. Services use the network of their host: peers reach them at its private address, and what
 * only the operator uses listens on its loopback address, to which `./scripts/tunnel` leads from the same port of
 * the operator's machine. Images are built on the operator's machine and sent to the hosts that run them.
 */
export class RemoteHosts extends pulumi.ComponentResource implements LabHosts {
  readonly hosts: readonly [Host, ...Host[]];
  readonly builder: docker.Provider;
  readonly forwards: Forward[] = [];
  readonly hostOf: LabHosts["hostOf"];

  constructor(name: string, args: RemoteHostsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("edgelab:hosts:Remote", name, {}, opts);
    const [first, ...others] = args.machines;
    const make = (machine: RemoteMachine) => new RemoteHost(machine, args, this, this.forwards);
    this.builder = new docker.Provider(`${name}-builder`, { host: localDockerHost() }, { parent: this });
    this.hosts = [make(first), ...others.map(make)];
    this.hostOf = hostFinder(this.hosts, args.plan.services);
    this.registerOutputs({ hosts: this.hosts.map((host) => host.name) });
  }
}

class RemoteHost implements Host {
  readonly name: string;
  readonly operatorAddress = "127.0.0.1";
  readonly sharedPorts = true;
  readonly connection: pulumi.Output<Connection>;
  readonly options: Host["options"];
  readonly #peerAddress: string;
  readonly #machine: Machine;
  readonly #parent: pulumi.Resource;
  readonly #forwards: Forward[];
  readonly #files: string;
  readonly #copies = new Map<string, pulumi.Output<string>>();

  constructor(
    { name, connection, peerAddress, instance, jumpInstance, deletedWith }: RemoteMachine,
    { lab, config, machines, plan }: RemoteHostsArgs,
    parent: pulumi.Resource,
    forwards: Forward[],
  ) {
    this.name = name;
    this.#peerAddress = peerAddress;
    this.#parent = parent;
    this.#forwards = forwards;
    this.#files = join(config.ssh.dataFolder, lab.stack);
    const needs = plan.hosts.find((host) => host.name === name)?.needs;
    if (needs === undefined) throw new Error(`${name} is not among the planned hosts`);
    this.#machine = new Machine(
      `${name}-machine`,
      {
        name,
        connection,
        project: lab.project,
        stack: lab.stack,
        prepare: config.ssh.prepare,
        waitSeconds: config.ssh.waitSeconds,
        keepData: config.keepData,
        firewall: {
          enabled: config.ssh.firewall,
          peers: machines.filter((other) => other.name !== name).map((other) => other.peerAddress),
          peerPorts: peerRules(plan.peers, name).map(({ port }) => port),
          openPorts: [...config.ssh.openPorts],
        },
        needs: { ...needs },
        ...(instance === undefined ? {} : { instance }),
        ...(jumpInstance === undefined ? {} : { jumpInstance }),
      },
      { parent, ...(deletedWith === undefined ? {} : { deletedWith }) },
    );
    this.connection = this.#machine.pinned;
    const provider = new docker.Provider(
      `${name}-docker`,
      { host: this.connection.apply(dockerHost), sshOpts: this.connection.apply(sshOptions) },
      { parent, dependsOn: [this.#machine], deletedWith: this.#machine },
    );
    this.options = {
      provider,
      hooks: { beforeCreate: [clearLeftovers(lab, remoteDocker(this.connection))] },
      deletedWith: this.#machine,
      replacementTrigger: this.#machine.machineId,
      deleteBeforeReplace: true,
    };
  }

  attach(): ReturnType<Host["attach"]> {
    return { networkMode: "host" };
  }

  peerAddress(): string {
    return this.#peerAddress;
  }

  bind(containerName: string, { port, published, peers }: PortRequest): Binding {
    const listenAddress = peers ? this.#peerAddress : "127.0.0.1";
    const listenPort = peers || published === undefined ? port : published;
    if (published !== undefined) {
      this.#forwards.push({
        host: this.name,
        service: containerName,
        port: published,
        address: listenAddress,
        remotePort: listenPort,
      });
    }
    return { listenAddress, listenPort, peer: `${this.#peerAddress}:${listenPort}`, mapping: undefined };
  }

  imageId(image: BuiltImage): pulumi.Output<string> {
    const known = this.#copies.get(image.name);
    if (known !== undefined) return known;
    const copy = new ImageCopy(
      `${this.name}-${image.name}-image`,
      {
        reference: image.reference,
        imageId: image.imageId,
        connection: this.connection,
        machineId: this.#machine.machineId,
      },
      { parent: this.#parent, dependsOn: [this.#machine], deletedWith: this.#machine },
    );
    this.#copies.set(image.name, copy.imageId);
    return copy.imageId;
  }

  folder(name: string, path: string, parent: pulumi.Resource): HostFolder {
    const absolute = isAbsolute(path) ? path : join(this.#files, path);
    const resource = new Folder(
      name,
      {
        path: absolute,
        uid: appUid,
        gid: appUid,
        connection: this.connection,
        machineId: this.#machine.machineId,
      },
      { parent, dependsOn: [this.#machine] },
    );
    return { path: absolute, user: undefined, resource };
  }
}
