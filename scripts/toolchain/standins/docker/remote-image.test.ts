import { describe, expect, it } from "vitest";
import { buildArguments, type RemoteImageInputs, remoteImageChanges } from "./remote-image.ts";

const build = {
  context: "images/kafka",
  dockerfile: "images/kafka/Dockerfile",
  tags: ["a:1", "a:latest"],
  buildArgs: { BASE: "b" },
  useLegacyBuilder: true as const,
};
const base: RemoteImageInputs = { name: "a:1", build, triggers: { key: "1" } };

describe("buildArguments", () => {
  it("tags each name once and looks for the Dockerfile in the working directory", () => {
    expect(buildArguments("a:1", { ...build, labels: { l: "v" } })).toEqual([
      ...["build", "--force-rm", "--file", "images/kafka/Dockerfile", "--tag", "a:1", "--tag", "a:latest"],
      ...["--build-arg", "BASE=b", "--label", "l=v", "images/kafka"],
    ]);
  });
});

describe("remoteImageChanges", () => {
  const outputs = { ...base, imageId: "sha256:1", repoDigest: "" };
  it.each<[string, Partial<RemoteImageInputs>, Record<string, string>]>([
    ["nothing", {}, {}],
    ["a trigger", { triggers: { key: "2" } }, { "triggers.key": "replace" }],
    [
      "a build argument",
      { build: { ...build, buildArgs: { BASE: "c" } } },
      { "build.buildArgs.BASE": "replace" },
    ],
    ["what happens on deletion", { keepLocally: true }, { keepLocally: "update" }],
  ])("%s", (_what, news, expected) => {
    expect(remoteImageChanges({ inputs: base, outputs }, { ...base, ...news })).toEqual(expected);
  });
});
