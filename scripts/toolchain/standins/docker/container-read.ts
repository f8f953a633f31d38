import { z } from "zod";
import { formatGoDuration } from "../../../../lib/go-duration.ts";
import type { ContainerInputs } from "./container-inputs.ts";

const MIB = 1024 * 1024;
const NS_PER_MS = 1e6;

const binding = z.object({ HostIp: z.string(), HostPort: z.string() });

/** What is read of GET /containers/{id}/json. */
export const inspected = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  Platform: z.string().default(""),
  RestartCount: z.int(),
  State: z.object({
    Status: z.string(),
    Running: z.boolean(),
    ExitCode: z.int(),
    Health: z.object({ Status: z.string() }).optional(),
  }),
  Config: z.object({
    Hostname: z.string(),
    User: z.string().default(""),
    WorkingDir: z.string().default(""),
    Image: z.string(),
    Cmd: z.array(z.string()).nullish(),
    Entrypoint: z.array(z.string()).nullish(),
    StopSignal: z.string().default(""),
    StopTimeout: z.int().nullish(),
    Healthcheck: z
      .object({
        Test: z.array(z.string()).nullish(),
        Interval: z.number().default(0),
        Timeout: z.number().default(0),
        StartPeriod: z.number().default(0),
        StartInterval: z.number().default(0),
        Retries: z.int().default(0),
      })
      .nullish(),
  }),
  HostConfig: z.object({
    Memory: z.int(),
    MemorySwap: z.int(),
    MemoryReservation: z.int().default(0),
    ShmSize: z.int().default(0),
    Init: z.boolean().nullish(),
    NetworkMode: z.string(),
    ReadonlyRootfs: z.boolean().default(false),
    Runtime: z.string().default(""),
    IpcMode: z.string().default(""),
    Tmpfs: z.record(z.string(), z.string()).nullish(),
    CapAdd: z.array(z.string()).nullish(),
    CapDrop: z.array(z.string()).nullish(),
    SecurityOpt: z.array(z.string()).nullish(),
    LogConfig: z.object({ Type: z.string(), Config: z.record(z.string(), z.string()).nullish() }),
    RestartPolicy: z.object({ Name: z.string(), MaximumRetryCount: z.int().default(0) }),
  }),
  NetworkSettings: z.object({
    Ports: z.record(z.string(), z.array(binding).nullable()).nullish(),
    Networks: z.record(
      z.string(),
      z.object({
        NetworkID: z.string(),
        IPAddress: z.string(),
        Gateway: z.string(),
        IPPrefixLen: z.int(),
        MacAddress: z.string().default(""),
      }),
    ),
  }),
});

export type Inspected = z.infer<typeof inspected>;

/** The inputs, and what the provider has read back of the engine. */
export interface ContainerOutputs {
  readonly name: string;
  readonly image: string;
  readonly ports?: readonly object[] | undefined;
  readonly logOpts?: Readonly<Record<string, string>> | undefined;
  readonly mustRun?: boolean | undefined;
  readonly destroyGraceSeconds?: number | null | undefined;
  readonly exitCode?: number | null | undefined;
  /** Left out when the creation failed: nothing has been read back then. */
  readonly networkDatas?: readonly object[];
  readonly [property: string]: unknown;
}

/** Defaults of the schema for what the program leaves out. A state without them is a change to the official provider. */
const defaults = {
  attach: false,
  containerReadRefreshTimeoutMilliseconds: 15_000,
  logs: false,
  memoryReservation: 0,
  privileged: false,
  publishAllPorts: false,
  removeVolumes: true,
  rm: false,
  start: true,
  stdinOpen: false,
  tty: false,
  wait: false,
  waitTimeout: 60,
};

/**
 * The outputs as resourceDockerContainerRead (resource_docker_container_funcs.go) sets them: so that a state can go from
 * one provider to the other, everything that it computes is there.
 */
export function outputsOf(known: ContainerOutputs, actual: Inspected): ContainerOutputs {
  const { Config, HostConfig, State, NetworkSettings } = actual;
  return {
    ...defaults,
    ...known,
    ...(known.ports === undefined || known.ports.length === 0 ? {} : { ports: portsOf(actual) }),
    ...(known.logOpts instanceof Object ? { logOpts: HostConfig.LogConfig.Config ?? {} } : {}),
    ...capabilitiesOf(HostConfig),
    ...healthcheckOf(Config),
    bridge: "",
    command: Config.Cmd ?? [],
    entrypoints: Config.Entrypoint ?? [],
    exitCode: State.Running ? (known.exitCode ?? null) : State.ExitCode,
    hostname: Config.Hostname,
    image: known.image.startsWith("sha256:") ? actual.Image : Config.Image,
    init: HostConfig.Init ?? false,
    ipcMode: HostConfig.IpcMode,
    logDriver: HostConfig.LogConfig.Type,
    maxRetryCount: HostConfig.RestartPolicy.MaximumRetryCount,
    memory: HostConfig.Memory / MIB,
    memoryReservation: HostConfig.MemoryReservation / MIB,
    memorySwap: HostConfig.MemorySwap > 0 ? HostConfig.MemorySwap / MIB : HostConfig.MemorySwap,
    mustRun: (known.mustRun ?? true) && State.Running,
    name: actual.Name.slice(1),
    networkDatas: Object.entries(NetworkSettings.Networks).map(([networkName, network]) => ({
      networkName,
      ipAddress: network.IPAddress,
      gateway: network.Gateway,
      ipPrefixLength: network.IPPrefixLen,
      macAddress: network.MacAddress,
      ...{ globalIpv6Address: "", globalIpv6PrefixLength: 0, ipv6Gateway: "" },
    })),
    networkMode: HostConfig.NetworkMode,
    platform: actual.Platform,
    readOnly: HostConfig.ReadonlyRootfs,
    restart: restartOf(HostConfig.RestartPolicy.Name),
    runtime: HostConfig.Runtime,
    securityOpts: HostConfig.SecurityOpt ?? [],
    shmSize: HostConfig.ShmSize / MIB,
    stopSignal: Config.StopSignal,
    stopTimeout: Config.StopTimeout ?? 0,
    ...(HostConfig.Tmpfs == null ? {} : { tmpfs: HostConfig.Tmpfs }),
    user: Config.User,
    workingDir: Config.WorkingDir,
  };
}

function restartOf(name: string): ContainerInputs["restart"] {
  return z.enum(["no", "on-failure", "always", "unless-stopped"]).parse(name || "no");
}

/** flattenContainerPorts: by container port; a container that is stopped has none. */
function portsOf({ NetworkSettings }: Inspected): object[] {
  return Object.entries(NetworkSettings.Ports ?? {})
    .map(([key, bindings]) => ({ internal: Number.parseInt(key, 10), protocol: key.split("/")[1], bindings }))
    .sort((a, b) => a.internal - b.internal)
    .flatMap(({ internal, protocol, bindings }) =>
      (bindings ?? []).map(({ HostIp, HostPort }) => ({
        internal,
        external: Number(HostPort),
        ip: HostIp,
        protocol,
      })),
    );
}

function capabilitiesOf({ CapAdd, CapDrop }: Inspected["HostConfig"]): object {
  const [adds, drops] = [CapAdd ?? [], CapDrop ?? []];
  return adds.length + drops.length === 0 ? {} : { capabilities: { adds, drops } };
}

function healthcheckOf({ Healthcheck }: Inspected["Config"]): object {
  if (Healthcheck == null) return {};
  const written = (ns: number) => formatGoDuration(Math.round(ns / NS_PER_MS));
  return {
    healthcheck: {
      tests: Healthcheck.Test ?? [],
      interval: written(Healthcheck.Interval),
      timeout: written(Healthcheck.Timeout),
      startPeriod: written(Healthcheck.StartPeriod),
      startInterval: written(Healthcheck.StartInterval),
      retries: Healthcheck.Retries,
    },
  };
}
