import { describe, expect, it } from "vitest";
import { createConfig, nanoseconds, updatableConfig, uploadedFiles } from "./container-config.ts";
import { verdict } from "./container-health.ts";
import type { Inspected } from "./container-read.ts";

const base = { name: "c", image: "sha256:1" };

describe("nanoseconds", () => {
  it.each([
    [undefined, 0],
    ["500ms", 5e8],
    ["1m30s", 9e10],
    ["1.5h", 5.4e12],
  ])("reads %s", (text, expected) => {
    expect(nanoseconds(text)).toBe(expected);
  });
});

describe("createConfig", () => {
  it("publishes ports, several on one container port included", () => {
    const ports = [
      { internal: 80, external: 8080, ip: "127.0.0.1" },
      { internal: 80, external: 8081, ip: "127.0.0.1" },
      { internal: 53, external: 5353, protocol: "udp" as const },
    ];
    const { ExposedPorts, HostConfig } = createConfig({ ...base, ports });
    expect(ExposedPorts).toEqual({ "80/tcp": {}, "53/udp": {} });
    expect(HostConfig.PortBindings).toEqual({
      "80/tcp": [
        { HostIp: "127.0.0.1", HostPort: "8080" },
        { HostIp: "127.0.0.1", HostPort: "8081" },
      ],
      "53/udp": [{ HostIp: "0.0.0.0", HostPort: "5353" }],
    });
  });

  it("mounts volumes and host paths", () => {
    const volumes = [
      { volumeName: "data", containerPath: "/data" },
      { hostPath: "/etc", containerPath: "/host", readOnly: true },
    ];
    expect(createConfig({ ...base, volumes }).HostConfig.Binds).toEqual(["data:/data:rw", "/etc:/host:ro"]);
  });

  it("keeps the health check's exact form", () => {
    const healthcheck = { tests: ["CMD", "test", "-f", "/ok"], interval: "2s", retries: 3 };
    expect(createConfig({ ...base, healthcheck }).Healthcheck).toEqual({
      Test: ["CMD", "test", "-f", "/ok"],
      Interval: 2e9,
      Timeout: 0,
      StartPeriod: 0,
      Retries: 3,
    });
  });

  it("counts memory in MiB", () => {
    expect(updatableConfig({ ...base, memory: 64, memorySwap: -1 })).toMatchObject({
      Memory: 64 * 1024 * 1024,
      MemorySwap: -1,
    });
  });
});

describe("uploadedFiles", () => {
  it("have the mode that is given in octal", () => {
    const uploads = [{ file: "/f", content: "text", permissions: "0440" }];
    expect(uploadedFiles({ ...base, uploads })).toEqual([
      { path: "/f", content: Buffer.from("text"), mode: 0o440 },
    ]);
  });
});

describe("verdict", () => {
  const container = (state: object, restarts = 0, policy = "no") =>
    ({
      RestartCount: restarts,
      State: { Status: "running", Running: true, ExitCode: 0, Health: { Status: "starting" }, ...state },
      HostConfig: { RestartPolicy: { Name: policy } },
    }) as Inspected;
  const exited = { Status: "exited", Running: false, ExitCode: 3 };

  it.each([
    ["starting", container({}), "pending"],
    ["healthy", container({ Health: { Status: "healthy" } }), "healthy"],
    ["unhealthy", container({ Health: { Status: "unhealthy" } }), "is unhealthy"],
    ["exited", container(exited), "exited with code 3"],
    ["exited, to be restarted", container(exited, 1, "always"), "pending"],
    ["crashing", container(exited, 3, "always"), "keeps exiting (3 restarts, last with code 3)"],
    ["without a check", container({ Health: undefined }), "has no health check to wait for"],
    ["gone", undefined, "was removed while it was starting"],
  ])("%s", (_what, found, expected) => {
    expect(verdict(found)).toBe(expected);
  });
});
