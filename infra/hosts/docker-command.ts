import type * as pulumi from "@pulumi/pulumi";
import type { DockerCommand } from "../../lib/docker/command.ts";
import type { Connection } from "../../lib/ssh/connection.ts";
import { runScript } from "../../lib/ssh/run.ts";
import { shellWord } from "../../lib/ssh/shell.ts";

const timeoutMs = 120_000;

/** The docker command of another machine, over SSH. */
export function remoteDocker(connection: pulumi.Output<Connection>): DockerCommand {
  return async (args) => {
    const known = await new Promise<Connection>((resolve) => connection.apply(resolve));
    return runScript(known, ["docker", ...args].map(shellWord).join(" "), { timeoutMs });
  };
}
