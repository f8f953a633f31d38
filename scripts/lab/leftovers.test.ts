import { describe, expect, it } from "vitest";
import { ownImages } from "./build-cache.ts";
import { retainVolumes } from "./retain.ts";

describe("ownImages", () => {
  it("takes the base and untagged layers upon it, and nothing of others or of stacks that are up", () => {
    const images = [
      { Id: "base", RepoTags: ["edgelab/base:trixie-1", "mine:1"], RootFS: { Layers: ["L0"] } },
      { Id: "cache", RepoTags: [], RootFS: { Layers: ["L0", "L1"] } },
      { Id: "running", RepoTags: ["edgelab-dev/kafka:2"], RootFS: { Layers: ["L0", "L1"] } },
      { Id: "foreign", RepoTags: null, RootFS: { Layers: ["F0"] } },
      { Id: "scratch", RepoTags: null, RootFS: {} },
    ];
    expect(ownImages(images)).toEqual({ bases: ["edgelab/base:trixie-1"], cached: ["cache"] });
    expect(ownImages(images.slice(1))).toEqual({ bases: [], cached: [] });
  });
});

describe("retainVolumes", () => {
  it("marks volumes only and keeps the rest of the state as it was", () => {
    const volume = { urn: "v", type: "docker:index/volume:Volume", inputs: { name: "x" } };
    const other = { urn: "c", type: "docker:index/container:Container" };
    const state = { version: 3, deployment: { manifest: { time: "t" }, resources: [volume, other] } };
    const result = retainVolumes(JSON.stringify(state));
    expect(result.volumes).toBe(1);
    expect(JSON.parse(result.state)).toEqual({
      version: 3,
      deployment: { manifest: { time: "t" }, resources: [{ ...volume, retainOnDelete: true }, other] },
    });
    expect(retainVolumes('{"version":3,"deployment":null}').volumes).toBe(0);
  });
});
