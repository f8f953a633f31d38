import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { withOverrides } from "./overrides.ts";

describe("withOverrides", () => {
  it("sets keys where there were none, even no file", () => {
    expect(parse(withOverrides("", { producers: "3", "classification.rate": "20" }))).toEqual({
      config: { "edgelab:producers": "3", "edgelab:classification.rate": "20" },
    });
    expect(parse(withOverrides("config:\n", { producers: "3" }))).toEqual({
      config: { "edgelab:producers": "3" },
    });
  });

  it("changes keys in either form and keeps everything else, secrets and comments too", () => {
    const before = [
      "encryptionsalt: v1:abc",
      "config:",
      "  # how many",
      '  edgelab:producers: "1"',
      "  edgelab:classification:",
      "    rate: 5",
      "    devices: 2",
      "  edgelab:token:",
      "    secure: v1:xyz",
      "",
    ].join("\n");
    const after = withOverrides(before, { producers: "4", "classification.rate": "20" });
    expect(parse(after)).toEqual({
      encryptionsalt: "v1:abc",
      config: {
        "edgelab:producers": "4",
        "edgelab:classification.rate": "20",
        "edgelab:classification": { devices: 2 },
        "edgelab:token": { secure: "v1:xyz" },
      },
    });
    expect(after).toContain("# how many");
  });
});
