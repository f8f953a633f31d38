import { isAbsolute, join } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { localDockerHost } from "../../lib/docker/command.ts";
import { dockerHost, sshOptions } from "../../lib/ssh/arguments.ts";
import type { Connection } from "../../lib/ssh/connection.ts";
import type { CoreConfig } from "../config/schema.ts";
import type { Lab } from "../lab.ts";
import type { LabPlan } from "../plan/lab.ts";
import { appUid, Folder } from "../resources/folder.ts";
import { ImageCopy } from "../resources/image-copy.ts";
import type { Machine } from "../resources/machine.ts";
import { hostCommands } from "./commands.ts";
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
import { clearLeftovers } from "./leftovers.ts";
import { type RemoteMachine, readyMachine } from "./ready-machine.ts";

export interface RemoteHostsArgs {
  lab: Lab;
  config: Pick<CoreConfig, "ssh" | "keepData">;
  machines: readonly RemoteMachine[];
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
    const ready = new Map(args.machines.map((each) => [each, readyMachine(each, args, this)]));
    // One machine that cannot be made ready stops all services: brokers without the others of their quorum would only wait.
    const machines = [...ready.values()];
    const commanded = [...ready].map(([each, machine]) => ({
      name: each.name,
      after: machines,
      login: { connection: machine.pinned, machineId: machine.machineId },
    }));
    const { commands } = args.plan;
    const afterCommands = hostCommands(
      `${name}-commands`,
      { commands, machines: commanded },
      { parent: this },
    );
    const [first, ...others] = [...ready].map(([each, machine]) => ({
      ...each,
      machine,
      after: [...machines, ...afterCommands(each.name)],
    }));
    if (first === undefined) throw new Error("a lab without machines was let through by the config's rules");
    const make = (host: ReadyHost) => new RemoteHost(host, args, this, this.forwards);
    this.builder = new docker.Provider(
      `${name}-builder`,
      { host: localDockerHost() },
      { parent: this, dependsOn: [args.lab.identity] },
    );
    this.hosts = [make(first), ...others.map(make)];
    this.hostOf = hostFinder(this.hosts, args.plan.services);
    this.registerOutputs({ hosts: this.hosts.map((host) => host.name) });
  }
}

interface ReadyHost extends RemoteMachine {
  readonly machine: Machine;
  /** What everything on it has to wait for. */
  readonly after: pulumi.Resource[];
}

class RemoteHost implements Host {
  readonly name: string;
  readonly address: pulumi.Output<string>;
  readonly operatorAddress = "127.0.0.1";
  readonly sharedPorts = true;
  readonly connection: pulumi.Output<Connection>;
  readonly options: Host["options"];
  readonly #peerAddress: string;
  readonly #machine: Machine;
  readonly #after: pulumi.Resource[];
  readonly #parent: pulumi.Resource;
  readonly #forwards: Forward[];
  readonly #files: string;
  readonly #copies = new Map<string, pulumi.Output<string>>();

  constructor(
    { name, connection, peerAddress, machine, after }: ReadyHost,
    { lab, config }: RemoteHostsArgs,
    parent: pulumi.Resource,
    forwards: Forward[],
  ) {
    this.name = name;
    // As config or the cloud says, which is known before the machine has shown its host key.
    this.address = pulumi.output(connection).address;
    this.#peerAddress = peerAddress;
    this.#parent = parent;
    this.#forwards = forwards;
    this.#files = join(config.ssh.dataFolder, lab.stack);
    this.#machine = machine;
    this.#after = after;
    this.connection = this.#machine.pinned;
    const provider = new docker.Provider(
      `${name}-docker`,
      { host: this.connection.apply(dockerHost), sshOpts: this.connection.apply(sshOptions) },
      { parent, dependsOn: after, deletedWith: machine },
    );
    this.options = {
      provider,
      hooks: { beforeCreate: [clearLeftovers(lab, remoteDocker(this.connection))] },
      deletedWith: this.#machine,
      replacementTrigger: this.#machine.machineId,
      deleteBeforeReplace: true,
    };
  }

  stateName(name: string): string {
    return `${this.name}-${name}`;
  }

  attach(): ReturnType<Host["attach"]> {
    return { networkMode: "host" };
  }

  sharedAddress(): undefined {
    return undefined;
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
      this.stateName(`${image.name}-image`),
      {
        reference: image.reference,
        imageId: image.imageId,
        connection: this.connection,
        machineId: this.#machine.machineId,
      },
      { parent: this.#parent, dependsOn: this.#after, deletedWith: this.#machine },
    );
    this.#copies.set(image.name, copy.imageId);
    return copy.imageId;
  }

  folder(name: string, path: string, parent: pulumi.Resource): HostFolder {
    const absolute = isAbsolute(path) ? path : join(this.#files, path);
    const resource = new Folder(
      this.stateName(name),
      {
        path: absolute,
        uid: appUid,
        gid: appUid,
        connection: this.connection,
        machineId: this.#machine.machineId,
      },
      { parent, dependsOn: this.#after },
    );
    return { path: absolute, user: undefined, resource };
  }
}
