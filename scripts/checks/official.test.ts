import { describe, expect, it } from "vitest";
import { describePlugins, type Plugin, withOfficial } from "./official.ts";

const plugin = (name: string, standin: boolean): Plugin => ({
  name,
  place: { file: `/there/${name}/pulumi-${name}`, known: false, version: "1", source: `of ${name}`, standin },
});

describe("withOfficial", () => {
  it("puts the official ones on PATH before all else, and no stand-in", () => {
    const env = withOfficial({ PATH: "/usr/bin", HOME: "/root" }, [
      plugin("docker", false),
      plugin("nodejs", true),
      { name: "none", place: undefined },
    ]);
    expect(env).toEqual({
      PATH: "/there/docker:/usr/bin",
      HOME: "/root",
      EDGELAB_TEST_PLUGINS: "official",
    });
  });

  it("fails when all are stand-ins, and says what to install", () => {
    expect(() => withOfficial({ PATH: "/usr/bin" }, [plugin("docker", true)])).toThrow(
      expect.objectContaining({
        message: expect.stringContaining("no official plugin was found"),
        fix: expect.stringContaining("pulumi plugin install resource docker"),
      }),
    );
  });
});

describe("describePlugins", () => {
  it("says of each where it is from", () => {
    const table = describePlugins([plugin("docker", false), { name: "none", place: undefined }]);
    expect(table).toMatch(/docker +of docker +\/there\/docker\/pulumi-docker/);
    expect(table).toMatch(/none +not found/);
  });
});
