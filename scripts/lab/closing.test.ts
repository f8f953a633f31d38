import { describe, expect, it } from "vitest";
import { describeFlow, describeOutputs, describeRows, describeWarnings, whatNext } from "./closing.ts";
import type { LabContainer } from "./docker.ts";
import type { LabOutputs } from "./queries.ts";

const nothing: LabOutputs = {
  lab: "edgelab-dev-1234",
  bootstrapServers: "127.0.0.1:29092,127.0.0.1:29093",
  producerUrls: [],
  classifierUrls: [],
  forwards: [],
  probes: [],
  topics: [],
  consumers: [],
  coreStages: 1,
  zookeepers: [],
  startOrder: [],
  watched: [],
  hints: [],
  excerpts: [],
};
const classification: LabOutputs = {
  ...nothing,
  postgresUrl: "[secret]",
  hints: [
    { sql: "select 1" },
    { run: "curl http://127.0.0.1:8600/latencies" },
    { key: "producers", value: "3" },
    { script: "./scripts/scores" },
  ],
};
const video: LabOutputs = {
  ...nothing,
  hints: [
    { run: "ffplay http://127.0.0.1:9660" },
    { run: "ffplay /there/output/output_video.avi", here: true },
  ],
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
      ...["kcat", "psql", "curl"],
      ...["./scripts/pulumi", "./scripts/scores", "./scripts/down"],
    ]);
    expect(commands(video).map((line) => line.trim())).toEqual([
      "kcat -L -b 127.0.0.1:29092",
      "ffplay http://127.0.0.1:9660",
      "ffplay /there/output/output_video.avi",
      "./scripts/down",
    ]);
  });

  it("starts with the tunnel where the lab is on other machines, and names the stack", () => {
    const lines = commands(elsewhere, "edge");
    expect(lines[0]).toContain("./scripts/tunnel edge");
    expect(lines.slice(-2)).toEqual(["  ./scripts/scores edge", "  ./scripts/down edge"]);
    expect(lines.join("\n")).toContain("postgresUrl --stack edge");
    expect(lines).toContain("  ./scripts/pulumi config set producers 3 --stack edge && ./scripts/up edge");
    expect(commands({ ...elsewhere, hints: video.hints }).join()).not.toContain("/there/");
  });
});

describe("describeRows", () => {
  it("has a column for each field, and none where there is no row", () => {
    expect(
      describeRows([{ image: "a", truth: null }])
        ?.split("\n")
        .slice(2),
    ).toEqual(["a      –"]);
    expect(describeRows([])).toBeUndefined();
  });
});

describe("describeFlow", () => {
  it("shows what was counted, and how fast it grew", () => {
    const counter = {
      service: "recorder-1",
      role: "recorder",
      url: "http://h/metrics",
      counter: "rows_total",
    };
    expect(describeFlow([{ ...counter, count: 141, rate: 10.04 }])).toMatch(
      /recorder-1 +rows_total +141 +10\.0/,
    );
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
    engine: { host: "local", lab: "edgelab-dev-1234", env: {} },
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

  it("adds other warnings", () => {
    const clock = { of: "clock of vm1", text: "+1500 ms: nothing keeps it" };
    const told = describeWarnings([container("a", "healthy", "")], [clock]);
    expect(told?.split("\n").slice(2)).toEqual(["clock of vm1  +1500 ms: nothing keeps it"]);
  });

  it("is nothing where nothing is missing", () => {
    expect(describeWarnings([container("a", "healthy", "")])).toBeUndefined();
  });
});
