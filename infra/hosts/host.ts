import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../../lib/ssh/connection.ts";
import type { PlacedService } from "../plan/services.ts";

/** An image of the lab on the engine that built it. */
export interface BuiltImage {
  /** Name within the lab. */
  readonly name: string;
  readonly reference: string;
  readonly imageId: pulumi.Output<string>;
}

/** How a container is attached to the network of the machine it runs on. */
export interface Attachment {
  readonly networkMode: pulumi.Input<string>;
  readonly networksAdvanced?: { name: pulumi.Input<string>; aliases?: string[] }[];
}

/** A port that a service wants to be reached at. */
export interface PortRequest {
  /** The service's own number for it. */
  readonly port: number;
  /** The port of the operator's machine that leads to it; undefined when only peers use it. */
  readonly published?: number | undefined;
  /** Whether services on other hosts use it. */
  readonly peers: boolean;
}

/** Where the process in a container listens so that a request is met, and how it is then reached. */
export interface Binding {
  /** Address that the process listens on. */
  readonly listenAddress: string;
  readonly listenPort: number;
  /** `host:port` for services of the lab. */
  readonly peer: string;
  /** What Docker publishes; undefined when the process listens on the host itself. */
  readonly mapping: { readonly internal: number; readonly external: number; readonly ip: string } | undefined;
}

/**
 * A machine that runs containers. Targets differ in how hosts come to be; what a host offers to the services
 * placed on it is always this, so nothing that takes a Host can tell which target it is on.
 */
export interface Host {
  /** Unique within the lab; stable, because resources are named after it. */
  readonly name: string;
  /** Address at which the operator's machine reaches the machine itself. */
  readonly address: pulumi.Input<string>;
  /** Address at which the operator's machine reaches published ports; on other machines, through the tunnel. */
  readonly operatorAddress: string;
  /** Whether all services placed here share one set of ports, so that two of a kind need different numbers. */
  readonly sharedPorts: boolean;
  /** How the operator's machine gets a shell on it; undefined when it is that machine. */
  readonly connection: pulumi.Output<Connection> | undefined;
  /**
   * The name in the state of what is placed here. Where there are several hosts it is another on each, so that whatever
   * moves is made at its new place before the old one goes, and what was on a dead host is only forgotten.
   */
  stateName(name: string): string;
  /** Options of everything that lives on this host's Docker engine. */
  readonly options: HostOptions;
  /**
   * Network attachment for a container of that name.
   * @param sharedName a name that it has together with others, see {@link sharedAddress}
   */
  attach(containerName: string, sharedName?: string): Attachment;
  /**
   * Address at which services reach any one of those that are attached with this name as well and run; undefined where
   * containers are reached by addresses of machines.
   */
  sharedAddress(sharedName: string): string | undefined;
  /** Address at which services on any host of the lab reach a container of that name placed here. */
  peerAddress(containerName: string): string;
  bind(containerName: string, request: PortRequest): Binding;
  /** The id of an image of the lab, once this host's engine has it. */
  imageId(image: BuiltImage): pulumi.Output<string>;
  /** A folder of this host that containers write to, by its absolute path there; made when it is not there. */
  folder(name: string, path: string, parent: pulumi.Resource): HostFolder;
}

export interface HostOptions {
  readonly provider: docker.Provider;
  /** Makes way for what is about to be made, see clearLeftovers(). */
  readonly hooks: pulumi.ResourceHookBinding;
  /** With the machine goes everything on it. */
  readonly deletedWith?: pulumi.Resource;
  /** Another machine in its place has none of what was on the old one. */
  readonly replacementTrigger?: pulumi.Input<string>;
  /** Their names are taken until the old ones are gone. */
  readonly deleteBeforeReplace?: boolean;
}

export interface HostFolder {
  readonly path: string;
  /** `uid:gid` that containers must run as to write to it; undefined for the image's own user. */
  readonly user: string | undefined;
  readonly resource: pulumi.Resource;
}

/** A port of the operator's loopback address and what a host has behind it. */
export interface Forward {
  readonly host: string;
  readonly service: string;
  readonly port: number;
  /** As seen from the host. */
  readonly address: string;
  readonly remotePort: number;
}

/** The hosts of a lab and what runs where. */
export interface LabHosts {
  readonly hosts: readonly [Host, ...Host[]];
  /** Where images are built. */
  readonly builder: docker.Provider;
  /** What leads from the operator's machine to the lab; empty when that is where the lab is. Grows with bind(). */
  readonly forwards: readonly Forward[];
  /** The host of a service, by its name without `edgelab-<stack>-`. @throws when it was not planned */
  hostOf(service: string): Host;
}

/** Finds the host of a service. @throws when the service was not planned, or its host is not there */
export function hostFinder(
  hosts: readonly Host[],
  services: readonly Pick<PlacedService, "name" | "host">[],
): LabHosts["hostOf"] {
  const hostNames = new Map(services.map(({ name, host }) => [name, host]));
  return (service) => {
    const host = hosts.find(({ name }) => name === hostNames.get(service));
    if (host === undefined) throw new Error(`${service} has no host: it is not among the planned services`);
    return host;
  };
}
