import { z } from "zod";
import { connectionSchema } from "../../lib/ssh/connection.ts";

const port = z.int().min(1).max(65_535);

export const machineInputs = z.strictObject({
  /** Name of the host in the lab. */
  name: z.string().min(1),
  connection: connectionSchema,
  project: z.string().min(1),
  stack: z.string().min(1),
  /** The lab's id, and where it was brought up from; only states from before labs had ids lack it. */
  lab: z.strictObject({ id: z.string().min(1), checkout: z.string() }).optional(),
  /** Install what is missing and raise sshd's limits; otherwise only look whether Docker runs. */
  prepare: z.boolean(),
  /** Seconds within which it must answer. */
  waitSeconds: z.int().min(1),
  /** Leave the volumes where they are at the end. */
  keepData: z.boolean(),
  firewall: z.strictObject({
    enabled: z.boolean(),
    /** Addresses of the lab's other hosts. */
    peers: z.array(z.ipv4()),
    /** TCP ports that peers may use. */
    peerPorts: z.array(port),
    /** TCP ports that everybody may use, SSH's left out. */
    openPorts: z.array(port),
  }),
  /** What the host must have before anything is changed on it. */
  needs: z.strictObject({
    memoryMB: z.int().min(0),
    diskGB: z.int().min(0),
    /** Where services will listen, and the config key that moves the port; nothing else may listen there. */
    listeners: z.array(z.strictObject({ address: z.ipv4(), port, key: z.string() })).default([]),
  }),
  /** Changes when another machine stands behind the same name, with nothing of before. */
  instance: z.string().optional(),
  /** The same of the machine that connections pass. */
  jumpInstance: z.string().optional(),
});

export type MachineInputs = z.infer<typeof machineInputs>;

/** What a machine says of itself. */
export interface Facts {
  /** Drawn when it was first made ready. */
  readonly machineId: string;
  readonly os: string;
  readonly cpus: number;
  readonly memoryMB: number;
  /** Free where Docker keeps its data. */
  readonly diskGB: number;
  readonly dockerVersion: string;
  readonly timeSynced: string;
  /** Whether Docker runs and the firewall stands, as wanted. */
  readonly ready: boolean;
}

export interface MachineOutputs extends MachineInputs, Facts {
  /** The connection with the host keys that the machine, and the one before it, showed at first. */
  readonly pinned: MachineInputs["connection"];
  /** Whether it was found to be another machine, or one that was set up anew. */
  readonly lost: boolean;
}
