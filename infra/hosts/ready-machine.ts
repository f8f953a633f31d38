import type * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../../lib/ssh/connection.ts";
import type { CoreConfig } from "../config/schema.ts";
import type { Lab } from "../lab.ts";
import type { HostPlan, LabPlan } from "../plan/lab.ts";
import { peerRules } from "../plan/peers.ts";
import { Machine } from "../resources/machine.ts";

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

export interface ReadyMachineArgs {
  lab: Lab;
  config: Pick<CoreConfig, "ssh" | "keepData">;
  /** All of the lab. */
  machines: readonly RemoteMachine[];
  plan: Pick<LabPlan, "hosts" | "peers" | "ports">;
}

/** Makes a machine ready for what is planned on it, and its firewall for what the others use of that. */
export function readyMachine(
  machine: RemoteMachine,
  { lab, config, machines, plan }: ReadyMachineArgs,
  parent: pulumi.Resource,
): Machine {
  const { name, connection, instance, jumpInstance, deletedWith } = machine;
  const planned = plan.hosts.find((host) => host.name === name);
  if (planned === undefined) throw new Error(`${name} is not among the planned hosts`);
  return new Machine(
    `${name}-machine`,
    {
      name,
      connection,
      project: lab.project,
      stack: lab.stack,
      lab: { id: lab.id, checkout: lab.checkout },
      prepare: config.ssh.prepare,
      waitSeconds: config.ssh.waitSeconds,
      keepData: config.keepData,
      firewall: {
        enabled: config.ssh.firewall,
        peers: machines.filter((other) => other.name !== name).map((other) => other.peerAddress),
        peerPorts: peerRules(plan.peers, name).map(({ port }) => port),
        openPorts: [...config.ssh.openPorts],
      },
      needs: { ...planned.needs, listeners: listenersOn(machine, planned, plan) },
      ...(instance === undefined ? {} : { instance }),
      ...(jumpInstance === undefined ? {} : { jumpInstance }),
    },
    { parent, ...(deletedWith === undefined ? {} : { deletedWith }) },
  );
}

/** Where the planned services of a machine listen in its own network: at its address for others, else for the operator. */
function listenersOn(
  { name, peerAddress }: RemoteMachine,
  { services }: HostPlan,
  { peers, ports }: ReadyMachineArgs["plan"],
) {
  const forOperator = services.filter(({ listeners }) =>
    listeners.some(({ audience, published }) => audience === undefined && published !== undefined),
  );
  return [
    ...peers
      .filter(({ host }) => host === name)
      .map(({ port, key = "placement" }) => ({ address: peerAddress, port, key })),
    ...forOperator.flatMap((service) =>
      ports
        .filter((published) => published.service === service.name)
        .map(({ port, key }) => ({ address: "127.0.0.1", port, key })),
    ),
  ];
}
