import { parseGoDuration } from "../../../../lib/go-duration.ts";
import type { ContainerInputs } from "./container-inputs.ts";
import { labelMap } from "./labels.ts";
import type { TarFile } from "./tar.ts";

const MIB = 1024 * 1024;
const NS_PER_MS = 1e6;

/** A duration as Go writes it (`1m30s`) in nanoseconds, which is what the engine's API takes; absent means 0. */
export function nanoseconds(duration: string | undefined): number {
  return Math.round((parseGoDuration(duration ?? "0s") ?? 0) * NS_PER_MS);
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

/** The body of POST /containers/create: Docker Engine API, ContainerCreate. */
export function createConfig(inputs: ContainerInputs) {
  const ports = (inputs.ports ?? []).map(({ internal, external, ip, protocol }) => ({
    key: `${internal}/${protocol ?? "tcp"}`,
    binding: { HostIp: ip ?? "0.0.0.0", HostPort: String(external) },
  }));
  const bindings = Object.groupBy(ports, ({ key }) => key);
  return {
    Image: inputs.image,
    Env: inputs.envs,
    Cmd: inputs.command,
    User: inputs.user,
    Hostname: inputs.hostname,
    StopTimeout: inputs.stopTimeout,
    Labels: labelMap(inputs.labels),
    ExposedPorts: Object.fromEntries(ports.map(({ key }) => [key, {}])),
    Healthcheck: healthcheckOf(inputs),
    HostConfig: {
      ...updatableConfig(inputs),
      CpuPeriod: inputs.cpuPeriod,
      CpuQuota: inputs.cpuQuota,
      Init: inputs.init ?? false,
      NetworkMode: inputs.networkMode ?? "bridge",
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
      LogConfig: { Type: inputs.logDriver ?? "", Config: inputs.logOpts ?? {} },
    },
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

export function uploadedFiles({ uploads = [] }: ContainerInputs): TarFile[] {
  return uploads.map(({ file, content, permissions }) => ({
    path: file,
    content: Buffer.from(content, "utf8"),
    mode: Number.parseInt(permissions, 8),
  }));
}
