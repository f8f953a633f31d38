import type { ContainerInputs } from "./container-inputs.ts";
import { labelMap } from "./owned.ts";
import type { TarFile } from "./tar.ts";

const MIB = 1024 * 1024;
const UNITS = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

/** A duration as Go writes it (`1m30s`) in nanoseconds, which is what the engine's API takes; absent means 0. */
export function nanoseconds(duration: string | undefined): number {
  const parts = (duration ?? "").matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g);
  return [...parts].reduce((total, [, amount, unit]) => total + Number(amount) * UNITS[unit as "s"] * 1e6, 0);
}

/** memorySwap counts memory too; -1 means no limit and is passed on as it is. */
function bytes(mebibytes: number | undefined): number | undefined {
  return mebibytes === undefined || mebibytes < 0 ? mebibytes : mebibytes * MIB;
}

/** What the engine can change on a container that runs: the body of POST /containers/{id}/update. */
export function updatableConfig(inputs: ContainerInputs) {
  return {
    Memory: bytes(inputs.memory),
    MemorySwap: bytes(inputs.memorySwap),
    RestartPolicy: { Name: inputs.restart ?? "no" },
  };
}

/**
 * The networks a container is made on. With networksAdvanced it is on those alone: the official provider connects
 * them and then takes the container off the default bridge.
 */
export function networksOf({ networkMode, networksAdvanced = [] }: ContainerInputs) {
  const isDefault = networkMode === undefined || networkMode === "bridge" || networkMode === "default";
  const mode = isDefault ? (networksAdvanced[0]?.name ?? "bridge") : networkMode;
  const first = networksAdvanced.find(({ name }) => name === mode);
  return { mode, first, others: networksAdvanced.filter((network) => network !== first) };
}

/** The body of POST /containers/create: Docker Engine API, ContainerCreate. */
export function createConfig(inputs: ContainerInputs) {
  const { mode, first } = networksOf(inputs);
  const ports = (inputs.ports ?? []).map(({ internal, external, ip, protocol }) => ({
    key: `${internal}/${protocol ?? "tcp"}`,
    binding: { HostIp: ip ?? "0.0.0.0", HostPort: external === undefined ? "" : String(external) },
  }));
  const bindings = Object.groupBy(ports, ({ key }) => key);
  return {
    Image: inputs.image,
    Env: inputs.envs,
    Cmd: inputs.command,
    Entrypoint: inputs.entrypoints,
    User: inputs.user,
    Hostname: inputs.hostname,
    WorkingDir: inputs.workingDir,
    StopSignal: inputs.stopSignal,
    StopTimeout: inputs.stopTimeout,
    Labels: labelMap(inputs.labels),
    ExposedPorts: Object.fromEntries(ports.map(({ key }) => [key, {}])),
    Healthcheck: healthcheckOf(inputs),
    HostConfig: {
      ...updatableConfig(inputs),
      NanoCpus: inputs.cpus === undefined ? undefined : Math.round(Number(inputs.cpus) * 1e9),
      ShmSize: bytes(inputs.shmSize),
      Init: inputs.init,
      NetworkMode: mode,
      PortBindings: Object.fromEntries(
        Object.entries(bindings).map(([key, all = []]) => [key, all.map(({ binding }) => binding)]),
      ),
      Binds: (inputs.volumes ?? []).map(
        ({ hostPath, volumeName, containerPath, readOnly }) =>
          `${hostPath ?? volumeName}:${containerPath}:${readOnly === true ? "ro" : "rw"}`,
      ),
      ReadonlyRootfs: inputs.readOnly,
      Tmpfs: inputs.tmpfs,
      CapAdd: inputs.capabilities?.adds,
      CapDrop: inputs.capabilities?.drops,
      SecurityOpt: inputs.securityOpts,
      Ulimits: inputs.ulimits?.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
      ExtraHosts: inputs.hosts?.map(({ host, ip }) => `${host}:${ip}`),
      LogConfig: { Type: inputs.logDriver ?? "", Config: inputs.logOpts ?? {} },
    },
    ...(first === undefined
      ? {}
      : { NetworkingConfig: { EndpointsConfig: { [first.name]: { Aliases: first.aliases } } } }),
  };
}

function healthcheckOf({ healthcheck }: ContainerInputs) {
  if (healthcheck === undefined) return undefined;
  return {
    Test: healthcheck.tests,
    Interval: nanoseconds(healthcheck.interval),
    Timeout: nanoseconds(healthcheck.timeout),
    StartPeriod: nanoseconds(healthcheck.startPeriod),
    Retries: healthcheck.retries ?? 0,
  };
}

/** The uploads as files; modes as in the official provider: permissions, else 0744 or 0644 by `executable`. */
export function uploadedFiles({ uploads = [] }: ContainerInputs): TarFile[] {
  return uploads.map(({ file, content, contentBase64, executable, permissions }) => ({
    path: file,
    content:
      contentBase64 === undefined ? Buffer.from(content ?? "", "utf8") : Buffer.from(contentBase64, "base64"),
    mode: permissions === undefined ? (executable === true ? 0o744 : 0o644) : Number.parseInt(permissions, 8),
  }));
}
