import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../../lib/provider/values.ts";
import { checkCovered } from "./check.ts";
import { containerChanges } from "./container-diff.ts";
import { type ContainerInputs, containerInputs } from "./container-inputs.ts";

const base: ContainerInputs = { name: "c", image: "sha256:1", memory: 64, restart: "no" };
const outputs = { ...base, networkDatas: [], mustRun: true };

describe("check", () => {
  it.each([
    [{ gpus: "all" }, "gpus"],
    [{ ports: [{ internal: 1, external: 1, hostIp: "x" }] }, "ports.0.hostIp"],
    [{ healthcheck: { tests: ["CMD"], startInterval: "1s" } }, "healthcheck.startInterval"],
    [{ uploads: [{ file: "/a", content: "x", permissions: "0444", owner: "me" }] }, "uploads.0.owner"],
  ])("refuses %j by name", (more, property) => {
    const { failures } = checkCovered(containerInputs, { ...base, ...more });
    expect(failures).toEqual([{ property, reason: expect.stringContaining(`${property} is not covered`) }]);
  });

  it.each([
    [{ uploads: [{ file: "a", content: "x", permissions: "0444" }] }, "must be an absolute path"],
    [{ uploads: [{ file: "/a", content: "x", permissions: "444" }] }, "must be four octal digits"],
    [{ volumes: [{ containerPath: "/a" }] }, "needs volumeName or hostPath"],
    [{ healthcheck: { tests: ["CMD"], interval: "1 s" } }, "must be a duration"],
    [{ healthcheck: { tests: ["CMD"], startPeriod: "60s" } }, "must be written 1m0s"],
    [{ capabilities: { adds: ["CHOWN"] } }, "must be written CAP_"],
    [{ envs: ["NAME"] }, "must be NAME=value"],
  ])("refuses %j", (more, reason) => {
    const { failures } = checkCovered(containerInputs, { ...base, ...more });
    expect(failures.map((failure) => failure.reason)).toEqual([expect.stringContaining(reason)]);
  });

  it("lets pass what is not known yet, wherever it is", () => {
    const news = { ...base, image: UNKNOWN, ports: UNKNOWN, networksAdvanced: [{ name: UNKNOWN }] };
    expect(checkCovered(containerInputs, news).failures).toEqual([]);
  });
});

describe("containerChanges", () => {
  const changes = (news: Partial<ContainerInputs>, found: object = {}) =>
    containerChanges({ inputs: base, outputs: { ...outputs, ...found } }, { ...base, ...news });

  it.each<[string, Partial<ContainerInputs>, Record<string, string>]>([
    ["nothing", {}, {}],
    ["memory", { memory: 80 }, { memory: "update" }],
    ["the restart policy", { restart: "always" }, { restart: "update" }],
    ["the grace period", { destroyGraceSeconds: 5 }, { destroyGraceSeconds: "update" }],
    ["the image", { image: "sha256:2" }, { image: "replace" }],
    ["an environment variable", { envs: ["A=1"] }, { envs: "replace" }],
    [
      "the health check, which is only taken note of",
      { healthcheck: { tests: ["CMD", "true"] } },
      { healthcheck: "update" },
    ],

    ["its name", { name: "d" }, { name: "replace" }],
  ])("says what a change of %s means", (_what, news, expected) => {
    expect(changes(news)).toEqual(expected);
  });

  it.each<[string, object, Record<string, string>]>([
    ["less memory", { memory: 32 }, { memory: "update" }],
    ["another image", { image: "sha256:9" }, { image: "replace" }],
    ["a stopped container", { mustRun: false, exitCode: 137 }, { mustRun: "update" }],
    ["one whose creation failed", { networkDatas: undefined }, { entrypoints: "replace" }],
    ["an address", { networkDatas: [{ ipAddress: "10.0.0.9" }] }, {}],
  ])("repairs drift: %s", (_what, found, expected) => {
    expect(changes({}, found)).toEqual(expected);
  });

  it("replaces a stopped container that publishes ports, since those are read back as none", () => {
    const news = { ...base, ports: [{ internal: 80, external: 8080 }] };
    const stopped = { ...outputs, ports: [], mustRun: false };
    expect(containerChanges({ inputs: news, outputs: stopped }, news)).toEqual({
      mustRun: "update",
      ports: "replace",
    });
  });

  it("finds no change in what only reads back differently", () => {
    const news: ContainerInputs = {
      ...base,
      capabilities: { drops: ["ALL"] },
      healthcheck: { tests: ["CMD", "true"], interval: "1m0s" },
      ports: [{ internal: 80, external: 8080 }],
      securityOpts: ["b", "a"],
    };
    const read = {
      ...outputs,
      capabilities: { adds: [], drops: ["ALL"] },
      healthcheck: {
        ...{ tests: ["CMD", "true"], interval: "1m0s", timeout: "0s" },
        ...{ startPeriod: "0s", startInterval: "0s", retries: 0 },
      },
      ports: [{ internal: 80, external: 8080, ip: "0.0.0.0", protocol: "tcp" }],
      securityOpts: ["a", "b"],
    };
    expect(containerChanges({ inputs: news, outputs: read }, news)).toEqual({});
    expect(containerChanges({ inputs: news, outputs: read }, { ...news, securityOpts: ["a", "b"] })).toEqual(
      {},
    );
  });

  it("passes over what the official provider adds to inputs in the state", () => {
    const inputs = {
      ...base,
      ...{ __defaults: ["mustRun", "start"], mustRun: true, start: true },
      healthcheck: { __defaults: ["startPeriod"], startPeriod: "0s", tests: ["CMD", "true"] },
    };
    const news = { ...base, healthcheck: { tests: ["CMD", "true"] } };
    expect(containerChanges({ inputs, outputs }, news)).toEqual({});
  });

  it("replaces, in a preview, for an image that is not built yet", () => {
    const news = { ...base, image: UNKNOWN } as unknown as ContainerInputs;
    expect(containerChanges({ inputs: base, outputs }, news)).toEqual({ image: "replace" });
  });
});
