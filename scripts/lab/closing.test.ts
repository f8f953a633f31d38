import { describe, expect, it } from "vitest";
import { describeOutputs, describeWarnings, whatNext } from "./closing.ts";
import type { LabContainer } from "./docker.ts";
import type { LabOutputs } from "./queries.ts";

const nothing: LabOutputs = {
  bootstrapServers: "127.0.0.1:29092,127.0.0.1:29093",
  producerUrls: [],
  classifierUrls: [],
  forwards: [],
  probes: [],
  topics: [],
};
const classification: LabOutputs = {
  ...nothing,
  postgresUrl: "[secret]",
  producerUrls: ["http://127.0.0.1:8600"],
  classifierUrl: "http://127.0.0.1:8500",
};
const video: LabOutputs = {
  ...nothing,
  videoProducerUrl: "http://127.0.0.1:9650",
  cameraUrl: "http://127.0.0.1:9660",
  grayscaleFolder: "/there/output",
};
const elsewhere: LabOutputs = {
  ...classification,
  forwards: [{ host: "vm1", connection: { address: "10.0.0.1", port: 22, user: "cc" }, forwards: [] }],
};

describe("whatNext", () => {
  const commands = (outputs: LabOutputs, stack = "dev") => whatNext(outputs, stack).split("\n").slice(1);
  const words = (lines: readonly string[]) => lines.map((line) => line.trim().split(" ")[0]);

  it("names what a lab of that kind offers, and nothing else", () => {
    expect(words(commands(nothing))).toEqual(["kcat", "./scripts/down"]);
    expect(words(commands(classification))).toEqual([
      ...["kcat", "psql", "curl", "curl"],
      ...["./scripts/pulumi", "./scripts/down"],
    ]);
    expect(commands(video).map((line) => line.trim())).toEqual([
      "kcat -L -b 127.0.0.1:29092",
      "curl http://127.0.0.1:9650/cameras",
      "ffplay http://127.0.0.1:9660",
      "ffplay /there/output/output_video.avi",
      "./scripts/down",
    ]);
  });

  it("starts with the tunnel where the lab is on other machines, and names the stack", () => {
    const lines = commands(elsewhere, "edge");
    expect(lines[0]).toContain("./scripts/tunnel edge");
    expect(lines.at(-1)).toBe("  ./scripts/down edge");
    expect(lines.join("\n")).toContain("postgresUrl --stack edge");
  });
});

describe("describeOutputs", () => {
  it("leaves out what has no value, and shows no secret", () => {
    const table = describeOutputs(classification, "dev");
    expect(table).not.toContain("classifierUrls");
    expect(table).toMatch(
      /postgresUrl +\(secret\) \.\/scripts\/pulumi stack output --show-secrets postgresUrl$/m,
    );
    expect(table).not.toContain("hosts");
  });
});

describe("describeWarnings", () => {
  const container = (name: string, health: string, lastCheck: string): LabContainer => ({
    engine: { host: "local", env: {} },
    ...{
      name,
      health,
      lastCheck,
      pipeline: "classification",
      role: "producer",
      network: "bridge",
      state: "running",
      startedAt: "",
      exitCode: 0,
      restarts: 0,
    },
  });

  it("shows what healthy containers lack, with the reason", () => {
    const told = describeWarnings([
      container("a", "healthy", ""),
      container("b", "healthy", "cameras: gate: no frame yet, after 20 s: connect ECONNREFUSED"),
      container("c", "unhealthy", "the app hangs"),
    ]);
    expect(told?.split("\n").slice(2)).toEqual([
      "b        cameras: gate: no frame yet, after 20 s: connect ECONNREFUSED",
    ]);
  });

  it("is nothing where nothing is missing", () => {
    expect(describeWarnings([container("a", "healthy", "")])).toBeUndefined();
  });
});
