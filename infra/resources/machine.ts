import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../../lib/ssh/connection.ts";
import type { MachineInputs } from "../provider/machine-inputs.ts";

export type MachineArgs = { [K in keyof Omit<MachineInputs, "lab">]: pulumi.Input<MachineInputs[K]> } & {
  lab: { [K in keyof NonNullable<MachineInputs["lab"]>]: pulumi.Input<string> };
};

/**
 * A machine that services of the lab run on, made ready over SSH: Docker, sshd's limits, firewall. What was done is
 * undone when it is deleted. Served by the provider in `infra/provider`.
 */
export class Machine extends pulumi.CustomResource {
  /** Drawn when the machine was first made ready; another one means that nothing of before is on it. */
  declare readonly machineId: pulumi.Output<string>;
  /** The connection, with the host keys that it must show from now on. */
  declare readonly pinned: pulumi.Output<Connection>;

  constructor(name: string, args: MachineArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { machineId: undefined, pinned: undefined };
    super("lab:host:Machine", name, { ...args, ...outputs }, opts);
  }
}
