import { describe, expect, it } from "vitest";
import { basesMadeHere, letGo, ownImages } from "./build-cache.ts";
import { leaveCommands, leaveNames, retainVolumes } from "./retain.ts";

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

describe("basesMadeHere", () => {
  const base = (tag: string, source?: string) => ({
    Id: tag,
    RepoTags: [tag],
    RootFS: { Layers: [tag] },
    Config: { Labels: source === undefined ? null : { "edgelab.source": source } },
  });

  it("is so while no base was pulled, as others may have images of what was", () => {
    const made = base("edgelab/base:trixie-1", "mmdebstrap");
    expect(basesMadeHere([made, base("debian:trixie-slim")])).toBe(true);
    expect(basesMadeHere([made, base("edgelab/base:trixie-2")])).toBe(false);
  });
});

describe("letGo", () => {
  it("finds the records that ceased to be an image's layer", () => {
    const record = (ID: string, Shared: boolean) => ({
      ID,
      Shared,
      Description: "from local ",
      InUse: false,
      Size: 0,
      CreatedAt: "2026-01-01T00:00:00Z",
    });
    const before = [
      record("base", true),
      record("debian", true),
      record("other", false),
      record("gone", true),
    ];
    const after = [
      record("base", false),
      record("debian", true),
      record("other", false),
      record("new", false),
    ];
    expect([...letGo(before, after)]).toEqual(["base"]);
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

describe("leaveCommands", () => {
  const resource = (name: string, type = "command:remote:Command") => ({
    urn: `urn:pulumi:dev::edgelab::edgelab:hosts:Commands$${type}::${name}`,
    type,
  });

  it("marks the commands of those hosts alone, and tells which are not undone", () => {
    const theirs = [resource("edge1:nfs"), resource("edge1:nfs:undo"), resource("edge1:driver")];
    const others = [resource("edge10:nfs:undo"), resource("edge1-machine", "lab:host:Machine")];
    const state = JSON.stringify({ deployment: { resources: [...theirs, ...others] } });
    const result = leaveCommands(state, ["edge1", "edge2"]);
    expect(result.left).toEqual(["edge1:nfs"]);
    expect(JSON.parse(result.state)).toEqual({
      deployment: { resources: [...theirs.map((each) => ({ ...each, retainOnDelete: true })), ...others] },
    });
  });
});

describe("leaveNames", () => {
  it("leaves alone what has these names, and nothing else", () => {
    const named = (type: string, name: string) => ({ type: `docker:index/${type}`, outputs: { name } });
    const theirs = [
      named("volume:Volume", "edgelab-dev-a"),
      named("remoteImage:RemoteImage", "edgelab-dev/b:1"),
    ];
    const others = [
      named("volume:Volume", "edgelab-dev-c"),
      { type: "lab:index:Folder", outputs: { name: "edgelab-dev-a" } },
    ];
    const state = JSON.stringify({ deployment: { resources: [...theirs, ...others] } });
    expect(JSON.parse(leaveNames(state, ["edgelab-dev-a", "edgelab-dev/b:1"]))).toEqual({
      deployment: { resources: [...theirs.map((each) => ({ ...each, retainOnDelete: true })), ...others] },
    });
    expect(leaveNames(state, [])).toBe(state);
  });
});
