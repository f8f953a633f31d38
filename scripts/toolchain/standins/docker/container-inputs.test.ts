import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../../lib/provider/values.ts";
import { checkCovered } from "./check.ts";
import { type ContainerInputs, containerChanges, containerInputs } from "./container-inputs.ts";

const base: ContainerInputs = { name: "c", image: "sha256:1", memory: 64, restart: "no" };
const outputs = { ...base, networkDatas: [], mustRun: true };

describe("check", () => {
  it.each([
    [{ gpus: "all" }, "gpus"],
    [{ ports: [{ internal: 1, hostIp: "x" }] }, "ports.0.hostIp"],
    [{ healthcheck: { tests: ["CMD"], startInterval: "1s" } }, "healthcheck.startInterval"],
    [{ uploads: [{ file: "/a", content: "x", owner: "me" }] }, "uploads.0.owner"],
  ])("refuses %j by name", (more, property) => {
    const { failures } = checkCovered(containerInputs, { ...base, ...more });
    expect(failures).toEqual([{ property, reason: expect.stringContaining(`${property} is not covered`) }]);
  });

  it.each([
    [{ uploads: [{ file: "/a" }] }, "needs either content or contentBase64"],
    [{ uploads: [{ file: "a", content: "x" }] }, "must be an absolute path"],
    [{ uploads: [{ file: "/a", content: "x", permissions: "444" }] }, "must be four octal digits"],
    [{ volumes: [{ containerPath: "/a" }] }, "needs volumeName or hostPath"],
    [{ healthcheck: { tests: ["CMD"], interval: "1 s" } }, "must be a duration"],
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
    ["the health check", { healthcheck: { tests: ["CMD", "true"] } }, { healthcheck: "replace" }],
    ["its name", { name: "d" }, { name: "replace" }],
  ])("says what a change of %s means", (_what, news, expected) => {
    expect(changes(news)).toEqual(expected);
  });

  it.each<[string, object, Record<string, string>]>([
    ["less memory", { memory: 32 }, { memory: "update" }],
    ["another image", { image: "sha256:9" }, { image: "replace" }],
    ["a stopped container", { mustRun: false, exitCode: 137 }, { mustRun: "replace" }],
    ["an address", { networkDatas: [{ ipAddress: "10.0.0.9" }] }, {}],
  ])("repairs drift: %s", (_what, found, expected) => {
    expect(changes({}, found)).toEqual(expected);
  });

  it("leaves a container alone that may stop", () => {
    const inputs = { ...base, mustRun: false };
    expect(containerChanges({ inputs, outputs: { ...outputs, mustRun: false } }, inputs)).toEqual({});
  });

  it("replaces, in a preview, for an image that is not built yet", () => {
    const news = { ...base, image: UNKNOWN } as unknown as ContainerInputs;
    expect(containerChanges({ inputs: base, outputs }, news)).toEqual({ image: "replace" });
  });
});
