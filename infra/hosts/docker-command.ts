import { execFile } from "node:child_process";
import type * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../../lib/ssh/connection.ts";
import { runScript } from "../../lib/ssh/run.ts";
import { shellWord } from "../../lib/ssh/shell.ts";
import type { DockerCommand } from "./leftovers.ts";

const timeoutMs = 120_000;

/** The docker command of this machine, on an engine that it reaches. @param host as in DOCKER_HOST */
export function localDocker(host: string): DockerCommand {
  return (args) =>
    new Promise((resolve, reject) => {
      execFile("docker", ["--host", host, ...args], { timeout: timeoutMs }, (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== "number") {
          reject(new Error(`cannot run docker: ${error.message}\n  fix: ./scripts/setup`, { cause: error }));
          return;
        }
        resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
      });
    });
}

/** The docker command of another machine, over SSH. */
export function remoteDocker(connection: pulumi.Output<Connection>): DockerCommand {
  return async (args) => {
    const known = await new Promise<Connection>((resolve) => connection.apply(resolve));
    return runScript(known, ["docker", ...args].map(shellWord).join(" "), { timeoutMs });
  };
}
