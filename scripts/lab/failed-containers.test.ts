import { describe, expect, it } from "vitest";
import type { LabContainer } from "./docker.ts";
import { describeFailed, fixOf, hasFailed } from "./failed-containers.ts";
import { isBeforeIds, labIdOf, machinesOf } from "./machines.ts";

const container = (more: Partial<LabContainer> = {}): LabContainer => ({
  engine: { host: "local", lab: "edgelab-dev-1234", env: {} },
  name: "edgelab-dev-recorder",
  pipeline: "classification",
  role: "recorder",
  network: "bridge",
  state: "running",
  health: "unhealthy",
  startedAt: "2026-01-01T00:00:00Z",
  exitCode: 0,
  restarts: 0,
  lastCheck: "",
  ...more,
});

describe("hasFailed", () => {
  it.each([
    ["running", "unhealthy", true],
    ["running", "starting", true],
    ["running", "healthy", false],
    ["running", "none", false],
    ["restarting", "unhealthy", true],
    ["exited", "healthy", true],
    ["dead", "none", true],
    ["created", "starting", false],
    ["removing", "none", false],
  ])("of one that is %s and %s is %s", (state, health, expected) => {
    expect(hasFailed({ state, health })).toBe(expected);
  });
});

describe("describeFailed", () => {
  it("shows state, health check and log of each, and what has to be done", () => {
    const failed = [
      { container: container({ lastCheck: "connection refused\n" }), lines: ["one", "", "two"] },
      {
        container: container({
          name: "edgelab-dev-classifier",
          state: "restarting",
          exitCode: 137,
          restarts: 4,
        }),
        lines: [""],
      },
    ];
    expect(describeFailed(failed).split("\n")).toEqual([
      "2 containers of the lab are not healthy",
      "--- edgelab-dev-recorder on local: running, unhealthy",
      "    last health check:",
      "        connection refused",
      "    last lines of its log:",
      "        one",
      "        two",
      "--- edgelab-dev-classifier on local: restarting, restarted 4 times, exit code 137, killed: that is how going over the memory limit ends",
    ]);
    const fix = fixOf(failed, "./scripts/up dev");
    expect(fix).toContain("mend what the lines above tell of, then ./scripts/up dev");
    expect(fix).toContain("\n  docker logs edgelab-dev-recorder\n  docker logs edgelab-dev-classifier");
  });

  it("shows the first error of a log as well, where it stands above the last lines", () => {
    const before = [
      "INFO starting",
      "[2026] ERROR cannot listen",
      "java.net.BindException: Address in use",
      "a",
    ];
    const end = Array.from({ length: 15 }, (_, i) => `INFO shutting down ${i}`);
    const told = (lines: readonly string[]) =>
      describeFailed([{ container: container(), lines }]).split("\n");
    expect(told([...before, ...end]).slice(2)).toEqual([
      "    first error in its log:",
      ...before.slice(1).map((line) => `        ${line}`),
      "    last lines of its log:",
      ...end.map((line) => `        ${line}`),
    ]);
    expect(told(["one", ...end.slice(1), "ERROR the end"])).not.toContain("    first error in its log:");
  });

  it("says how to see the log of one on another machine", () => {
    const jump = { address: "gate", port: 2222, user: "cc" };
    const connection = { address: "10.0.0.7", port: 22, user: "root", keyFile: "/k", jump };
    const far = container({ engine: { host: "lab2", lab: "edgelab-dev-1234", env: {}, connection } });
    expect(fixOf([{ container: far, lines: [] }], "up")).toContain(
      "\n  ssh -i /k -J cc@gate:2222 root@10.0.0.7 docker logs edgelab-dev-recorder",
    );
    expect(describeFailed([{ container: far, lines: [] }])).toMatch(/^1 container of the lab is not healthy/);
  });
});

describe("machinesOf", () => {
  it("finds the machines in a state, and none in that of a lab on this machine or of one that was never made", () => {
    const pinned = { address: "10.0.0.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
    const resources = [
      { type: "pulumi:pulumi:Stack", outputs: {} },
      { type: "lab:host:Machine", outputs: { name: "lab1", machineId: "m", pinned } },
      { type: "lab:host:Machine", outputs: { name: "never ready" } },
      { type: "docker:index/container:Container" },
    ];
    const exported = (deployment: unknown) => JSON.stringify({ version: 3, deployment });
    expect(machinesOf(exported({ resources }))).toEqual([{ host: "lab1", connection: pinned, forwards: [] }]);
    expect(machinesOf(exported({ resources: resources.slice(2) }))).toEqual([]);
    expect(machinesOf(exported(null))).toEqual([]);
    expect(machinesOf(exported({}))).toEqual([]);
  });
});

describe("labIdOf", () => {
  const stack = { type: "pulumi:pulumi:Stack", outputs: {} };
  const identity = { type: "lab:index:LabIdentity", id: "edgelab-dev-1234" };
  const container = { type: "docker:index/container:Container" };
  const exported = (...resources: object[]) => JSON.stringify({ version: 3, deployment: { resources } });

  it("is told by a state, but not by one from before labs had ids or of a lab that was refused", () => {
    const states = [exported(stack, identity, container), exported(stack, container), exported(stack)];
    expect(states.map(labIdOf)).toEqual(["edgelab-dev-1234", undefined, undefined]);
    expect(states.map(isBeforeIds)).toEqual([false, true, false]);
  });
});
