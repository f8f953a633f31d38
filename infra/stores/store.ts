import type * as pulumi from "@pulumi/pulumi";
import type { CoreConfig } from "../config/schema.ts";
import { checkTimes } from "../containers/health-check.ts";
import type { LabImage } from "../containers/image.ts";
import { Service, type ServiceArgs } from "../containers/service.ts";
import { dataVolume } from "../containers/volume.ts";
import type { Binding, Host, LabHosts } from "../hosts/host.ts";
import type { Lab } from "../lab.ts";
import type { LabPlan } from "../plan/lab.ts";

export interface StoreArgs {
  lab: Lab;
  hosts: LabHosts;
  image: LabImage;
  config: Pick<CoreConfig, "keepData">;
  plan: Pick<LabPlan, "ports">;
}

/** A store at its place. */
export interface StorePlace {
  readonly host: Host;
  readonly binding: Binding;
  /** The port of the operator's machine. */
  readonly published: number;
}

/** Where a planned store is and listens. @param port its own number for it */
export function placeStore(name: string, { lab, hosts, plan }: StoreArgs, port: number): StorePlace {
  const published = plan.ports.find(({ service }) => service === name)?.port;
  if (published === undefined) throw new Error(`${name} is not among the planned services`);
  const host = hosts.hostOf(name);
  return { host, published, binding: host.bind(lab.resourceName(name), { port, published, peers: true }) };
}

/** The container of a store, with a volume at `data`; its name is `<name>-data` when left out. */
export function runStore(
  name: string,
  { lab, image, config: { keepData } }: StoreArgs,
  { host, binding }: StorePlace,
  own: Pick<ServiceArgs, "role" | "env" | "secrets" | "memoryMB"> & {
    data: string;
    volume?: string;
    healthy: string;
  },
  parent: pulumi.Resource,
): Service {
  const { data, healthy, volume: volumeName = `${name}-data`, ...rest } = own;
  const volume = dataVolume(volumeName, { lab, host, pipeline: name, keepData }, parent);
  return new Service(
    name,
    {
      ...rest,
      lab,
      host,
      pipeline: name,
      image,
      bindings: [binding],
      volumes: [{ volume, path: data }],
      health: { command: [healthy], ...checkTimes, waitSeconds: 120 },
      stopSeconds: 30,
    },
    { parent },
  );
}
