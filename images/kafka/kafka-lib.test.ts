import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const LIB = join(import.meta.dirname, "bin/kafka-lib");

function bash(script: string, env: Record<string, string> = {}): string {
  return execFileSync("bash", ["--norc", "-euo", "pipefail", "-c", `source "${LIB}"; ${script}`], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: process.env.PATH ?? "/usr/bin:/bin", ...env },
  });
}

describe("render_properties", () => {
  it("writes every KAFKA_CFG_ variable as a property, sorted, and nothing else", () => {
    const rendered = bash("render_properties", {
      KAFKA_CFG_PROCESS_ROLES: "broker,controller",
      KAFKA_CFG_NODE_ID: "2",
      KAFKA_CLUSTER_ID: "AAAAAAAAAAAAAAAAAAAAAQ",
      KAFKA_HEAP_MB: "384",
    });
    expect(rendered).toBe("node.id=2\nprocess.roles=broker,controller\n");
  });

  it("keeps values with equal signs, spaces and nothing in them", () => {
    const rendered = bash("render_properties", {
      KAFKA_CFG_A: 'required username="x y";',
      KAFKA_CFG_B: "",
      KAFKA_CFG_C: "a=b",
    });
    expect(rendered).toBe('a=required username="x y";\nb=\nc=a=b\n');
  });

  it("escapes backslashes and line ends, so a value can neither change nor add a property", () => {
    const rendered = bash("render_properties", { KAFKA_CFG_A: "c:\\new\nnode.id=9" });
    expect(rendered).toBe("a=c:\\\\new\\nnode.id=9\n");
  });
});

describe("property", () => {
  it("finds the value of exactly that key", () => {
    const folder = mkdtempSync(join(tmpdir(), "kafka-lib-"));
    try {
      const file = join(folder, "meta.properties");
      writeFileSync(file, "#comment\nnode.id=1\ncluster.id=ab=c\nnode.idx=7\n");
      expect(bash(`property "${file}" node.id`)).toBe("1\n");
      expect(bash(`property "${file}" cluster.id`)).toBe("ab=c\n");
      expect(bash(`property "${file}" absent`)).toBe("");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("jvm_options", () => {
  it("fixes the heap and names the archive", () => {
    const options = bash("jvm_options /a.jsa 384; declare -p JVM");
    expect(options).toContain('"-Xms384m"');
    expect(options).toContain('"-Xmx384m"');
    expect(options).toContain('"-XX:SharedArchiveFile=/a.jsa"');
  });
});
