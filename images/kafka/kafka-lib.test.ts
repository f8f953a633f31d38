import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
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

describe("quorum_format", () => {
  const format = (first: string, servers = "", roles = "controller") =>
    bash(`quorum_format; printf '%s\\n' "\${FORMAT[@]}"`, {
      KAFKA_FIRST_VOTERS: first,
      KAFKA_CFG_PROCESS_ROLES: roles,
      KAFKA_CFG_CONTROLLER_QUORUM_BOOTSTRAP_SERVERS: servers,
    }).trim();
  const alone = "100@a:1:AAAAAAAAAAAAAAAAAAAAZA";

  it("is nothing of its own where who votes is a fixed list, and of brokers", () => {
    expect(format("")).toBe("");
    expect(format(alone, "", "broker")).toBe("");
  });

  it("makes the first controllers the quorum, and lets others wait for their vote", () => {
    const three = `${alone},101@b:1:AAAAAAAAAAAAAAAAAAAAZQ`;
    expect(format(three)).toBe(`--initial-controllers\n${three}`);
    expect(format("none")).toBe("--no-initial-controllers");
    expect(format(alone, "127.0.0.1:1")).toBe(`--initial-controllers\n${alone}`);
  });

  it("lets the only first one wait as well where another controller runs, as it has lost its volume", async () => {
    const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    try {
      expect(format(alone, `127.0.0.1:1,127.0.0.1:${port}`)).toMatch(/already.*\n--no-initial-controllers$/);
    } finally {
      server.close();
    }
  });
});

describe("fix_quorum", () => {
  it("takes the first controllers for the fixed list that a volume was formatted with", () => {
    const env = {
      KAFKA_FIRST_VOTERS: "100@a:1:AAAAAAAAAAAAAAAAAAAAZA,101@b:1:AAAAAAAAAAAAAAAAAAAAZQ",
      KAFKA_CFG_CONTROLLER_QUORUM_BOOTSTRAP_SERVERS: "a:1",
    };
    expect(bash("fix_quorum; render_properties", env)).toBe("controller.quorum.voters=100@a:1,101@b:1\n");
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

/** Kills a process group, and says whether anything was left in it. */
function endGroup(leader: number | undefined): boolean {
  if (leader === undefined) throw new Error("the shell could not be started");
  try {
    process.kill(-leader, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

describe("run_until_told", () => {
  /** Runs a command, tells it to end as soon as it says that it runs, and says how that went. Nothing of it is left. */
  async function told(command: string, voters: string, list = "VOTERS", before = ":") {
    const script = `source "${LIB}"; ${before}; run_until_told bash -c '${command}'`;
    const shell = spawn("bash", ["--norc", "-euo", "pipefail", "-c", script], {
      // A group of its own, which can be ended whole; and what were left of it would keep this process's stderr open.
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
      env: {
        PATH: process.env.PATH ?? "/usr/bin:/bin",
        [`KAFKA_CFG_CONTROLLER_QUORUM_${list}`]: voters,
        KAFKA_ALONE_SECONDS: "2",
        KAFKA_DATA: tmpdir(),
      },
    });
    let said = "";
    shell.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (text.includes("runs")) shell.kill("SIGTERM");
    });
    const closed = once(shell, "close");
    const [code] = (await once(shell, "exit")) as [number | null];
    const left = endGroup(shell.pid);
    await closed;
    return { code, said, left };
  }
  const stubborn = "trap : TERM; echo runs; while :; do sleep 0.1; done";

  it("hands SIGTERM on, and ends with the status of what it runs", async () => {
    const orderly = 'trap "exit 43" TERM; echo runs; while :; do sleep 0.1; done';
    expect(await told(orderly, "")).toEqual({ code: 43, said: "runs\n", left: false });
    expect(() => bash("run_until_told bash -c 'exit 7'")).toThrow(expect.objectContaining({ status: 7 }));
  });

  it("ends what it has just started when it is told at that very moment", async () => {
    const atOnce = `set -T; trap '[[ $BASH_COMMAND != "pid=\\$!" ]] || kill -TERM $$' DEBUG`;
    expect(await told("exec sleep 60", "", "VOTERS", atOnce)).toEqual({ code: 143, said: "", left: false });
  });

  it("kills what waits for a quorum that is gone", async () => {
    const { code, said } = await told(stubborn, "0@127.0.0.1:1,1@127.0.0.1:1,2@127.0.0.1:1");
    expect(said).toMatch(/the quorum is gone, .*ending/);
    expect(code).toBe(137);
    const growing = await told(stubborn, "127.0.0.1:1,127.0.0.1:1", "BOOTSTRAP_SERVERS");
    expect(growing).toMatchObject({ code, said });
  });

  it("gives it all the time it takes while most of the quorum is there", async () => {
    const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("it listens on a port");
    const there = `127.0.0.1:${address.port}`;
    try {
      const slow = "trap : TERM; echo runs; sleep 1; for i in 1 2 3 4; do sleep 1; done; exit 5";
      const { code, said, left } = await told(slow, `0@${there},1@${there},2@127.0.0.1:1`);
      expect({ code, said, left }).toEqual({ code: 5, said: "runs\n", left: false });
      const growing = await told(slow, `127.0.0.1:1,${there}`, "BOOTSTRAP_SERVERS");
      expect(growing).toEqual({ code, said, left });
    } finally {
      server.close();
    }
  });
});
