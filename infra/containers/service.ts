import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { formatGoDuration } from "../../lib/go-duration.ts";
import type { Binding, Host } from "../hosts/host.ts";
import { type Lab, labels, type Part } from "../lab.ts";
import { type HealthCheck, watched } from "./health-check.ts";
import type { LabImage } from "./image.ts";

export interface ServiceArgs extends Part {
  lab: Lab;
  host: Host;
  /** Taken by its id, so that the service is replaced when the image's content changes. */
  image: LabImage;
  command?: string[];
  env?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Name → content. Each appears in the container as the file `/run/secrets/<name>` and nowhere else. */
  secrets?: Record<string, pulumi.Input<string>>;
  /** A name at which it is reached together with others, see {@link Host.sharedAddress}. */
  sharedName?: string | undefined;
  /** What {@link Host.bind} said of its ports. */
  bindings?: readonly Binding[];
  volumes?: Mount[];
  /** Folders in memory beside `/tmp`, by path, with the options of mount(8). */
  tmpfs?: Readonly<Record<string, string>>;
  /** `uid:gid` to run as, where the image's own user cannot write what it must. */
  user?: string | undefined;
  health: HealthCheck;
  /** Hard limit in MiB; swap is not added to it. */
  memoryMB: number;
  /** Processor cores that it may use; all of them when left out. */
  cpus?: number;
  /** Seconds between SIGTERM and SIGKILL. */
  stopSeconds: number;
  /** Makes what the container has to wait for, given all that it is made of as one text. */
  before?: (spec: pulumi.Output<string>, parent: pulumi.Resource) => pulumi.Resource;
  /** Beside those of its host. */
  hooks?: pulumi.ResourceHookBinding;
}

/** Something mounted into a container at `path`. */
export type Mount =
  | { readonly volume: docker.Volume; readonly path: string }
  /** A folder or file of the host, by its absolute path there. */
  | { readonly hostPath: pulumi.Input<string>; readonly path: string; readonly readOnly?: boolean };

/** Where a secret given to a Service is found inside its container. */
export function secretPath(name: string): string {
  return `/run/secrets/${name}`;
}

/**
 * The one way anything runs: a container on a Host. It counts as created when its health check passes, so what
 * depends on it starts once. It restarts after a crash and after a reboot, keeps bounded logs, cannot gain
 * privileges, writes to nothing but its volumes and memory unless it has secrets, and is replaced (never two at once,
 * since its name and ports are fixed) when its image, environment or secrets change.
 *
 * @throws at deployment, when the container is not healthy within `health.waitSeconds`; the message has its
 *   last log lines.
 */
export class Service extends pulumi.ComponentResource {
  /** The name under which Docker knows the container; also its address on the lab's own network. */
  readonly containerName: string;
  readonly container: docker.Container;

  constructor(name: string, args: ServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("edgelab:index:Service", name, {}, opts);
    const { lab, host, health } = args;
    this.containerName = lab.resourceName(name);
    const secrets = Object.entries(args.secrets ?? {}).sort(byName);
    const container: docker.ContainerArgs = {
      name: this.containerName,
      hostname: this.containerName,
      image: host.imageId(args.image),
      ...(args.command === undefined ? {} : { command: args.command }),
      envs: pulumi.output(args.env ?? {}).apply((env) =>
        Object.entries(env)
          .sort(byName)
          .map(([key, value]) => `${key}=${value}`),
      ),
      ...(secrets.length === 0
        ? {}
        : {
            uploads: secrets.map(([secret, content]) => ({
              file: secretPath(secret),
              content: pulumi.secret(content),
              permissions: "0444",
            })),
          }),
      ...host.attach(this.containerName, args.sharedName),
      ports: (args.bindings ?? []).flatMap(({ mapping }) =>
        mapping === undefined ? [] : [{ ...mapping, protocol: "tcp" }],
      ),
      volumes: (args.volumes ?? []).map(toVolume),
      // The provider puts files in through `/`, which the engine refuses where that is read-only.
      readOnly: secrets.length === 0,
      tmpfs: { "/tmp": inMemory, ...args.tmpfs },
      ...(args.user === undefined ? {} : { user: args.user }),
      healthcheck: {
        tests: watched(health.command),
        interval: formatGoDuration(health.intervalSeconds * 1000),
        timeout: formatGoDuration(health.timeoutSeconds * 1000),
        retries: health.retries,
        startPeriod: formatGoDuration(health.startSeconds * 1000),
      },
      wait: true,
      waitTimeout: health.waitSeconds,
      memory: args.memoryMB,
      // Equal to memory means no swap; left out, the official provider reports a change at every update.
      memorySwap: args.memoryMB,
      // Not as `cpus`, which the provider reads back in a form of its own (2 as 2.0, 10 as 10.).
      ...(args.cpus === undefined ? {} : { cpuPeriod, cpuQuota: Math.round(args.cpus * cpuPeriod) }),
      restart: "unless-stopped",
      init: true,
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges:true"],
      logDriver: "json-file",
      logOpts: { "max-size": "10m", "max-file": "3" },
      destroyGraceSeconds: args.stopSeconds,
      stopTimeout: args.stopSeconds,
      labels: labels(lab, args),
    };
    const before = args.before?.(pulumi.output(container).apply(JSON.stringify), this);
    this.container = new docker.Container(host.stateName(name), container, {
      parent: this,
      ...host.options,
      hooks: { ...host.options.hooks, ...args.hooks },
      ...(before === undefined ? {} : { dependsOn: [before] }),
      deleteBeforeReplace: true,
      // The provider takes changes of these for updates, which leave the container as it was.
      replaceOnChanges: ["healthcheck", "init", "cpuPeriod", "cpuQuota", "tmpfs"],
      // Health polling is bounded by waitTimeout; the rest of a create takes seconds.
      customTimeouts: { create: `${health.waitSeconds + 120}s` },
    });
    this.registerOutputs({ containerName: this.containerName });
  }
}

/** Options of a folder in memory that any user of the container may write to; it counts as the container's memory. */
export const inMemory = "rw,noexec,nosuid,nodev,size=64m,mode=1777";

/** Microseconds over which the share of a processor is measured: the kernel's default. */
const cpuPeriod = 100_000;

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function toVolume(mount: Mount) {
  if ("volume" in mount) return { volumeName: mount.volume.name, containerPath: mount.path };
  return { hostPath: mount.hostPath, containerPath: mount.path, readOnly: mount.readOnly ?? false };
}
