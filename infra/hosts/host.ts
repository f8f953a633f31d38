import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";

/** How a container is attached to the network of the machine it runs on. */
export interface Attachment {
  readonly networkMode: pulumi.Input<string>;
  readonly networksAdvanced?: { name: pulumi.Input<string>; aliases?: string[] }[];
}

/**
 * A machine that runs containers. Targets differ in how hosts come to be; what a host offers to the services
 * placed on it is always this, so nothing that takes a Host can tell which target it is on.
 */
export interface Host {
  /** Unique within the lab; stable, because resources are named after it. */
  readonly name: string;
  /** Address at which the operator's machine reaches ports published by this host. */
  readonly operatorAddress: string;
  /** The connection to this host's Docker engine. */
  readonly provider: docker.Provider;
  /** Network attachment for a container of that name. */
  attach(containerName: string): Attachment;
  /** Address at which services on any host of the lab reach a container of that name placed here. */
  peerAddress(containerName: string): string;
}
