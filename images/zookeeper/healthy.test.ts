import { execFile } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const HEALTHY = join(import.meta.dirname, "bin/healthy");

interface Outcome {
  readonly code: number;
  readonly stderr: string;
}

function run(port: number): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      "bash",
      [HEALTHY, String(port)],
      { env: { ...process.env, ZOOKEEPER_ID: "3" } },
      (error, _, stderr) => resolve({ code: typeof error?.code === "number" ? error.code : 0, stderr }),
    );
  });
}

/** Asks a node that answers a four-letter word with this, and closes the connection as ZooKeeper does. */
async function check(answer: string | undefined): Promise<Outcome & { asked: string }> {
  let asked = "";
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.on("data", (data) => {
      asked += data.toString();
      if (answer !== undefined) socket.end(answer);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const outcome = await run((server.address() as AddressInfo).port);
  server.close();
  return { ...outcome, asked };
}

const srvr = (mode: string) =>
  `Zookeeper version: 3.8.4\nLatency min/avg/max: 0/0.0/0\nMode: ${mode}\nNode count: 5\n`;

describe("healthy", () => {
  it.each(["leader", "follower", "standalone"])("passes for a node that serves as %s", async (mode) => {
    expect(await check(srvr(mode))).toEqual({ code: 0, stderr: "", asked: "srvr" });
  });

  it("fails while there is no quorum, which ruok would not tell", async () => {
    const { code, stderr } = await check("This ZooKeeper instance is not currently serving requests\n");
    expect([code, stderr]).toEqual([
      1,
      "node 3: it is not part of a quorum: fewer than half of the ensemble answer it\n",
    ]);
  });

  it("fails with what is said instead, also where the last line has no end", async () => {
    const { code, stderr } = await check("srvr is not executed because it is not in the whitelist.");
    expect([code, stderr]).toEqual([1, expect.stringContaining("but: srvr is not executed")]);
  });

  it("fails in bounded time when nothing is answered, and when nothing listens", async () => {
    expect(await check(undefined)).toMatchObject({ code: 1, stderr: expect.stringContaining("no answer") });
    expect(await run(1)).toMatchObject({ code: 1, stderr: expect.stringContaining("nothing listens") });
  });
});
