import { join } from "node:path";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { HostCommandsArgs } from "../../../infra/hosts/commands.ts";
import type { Connection } from "../../../lib/ssh/connection.ts";

/** The lab's own commands on this machine and on another one, without the rest of the lab. */
const config = new pulumi.Config();
// This file is run from a copy: the project's own code is where config says.
const { hostCommands } = (await import(
  join(config.require("root"), "infra/hosts/commands.ts")
)) as typeof import("../../../infra/hosts/commands.ts");

type Commands = Omit<HostCommandsArgs["commands"][number], "secrets">[];
const ready = new pulumi.ComponentResource("test:index:Machine", "machine");

hostCommands(
  "commands",
  {
    commands: config.requireObject<Commands>("commands").map((each) => ({
      ...each,
      secrets: JSON.stringify(each).includes("KEY") ? { KEY: config.require("key") } : {},
    })),
    machines: [
      { name: "local", after: [] },
      {
        name: "m1",
        after: [ready],
        login: {
          connection: pulumi.output(config.requireObject<Connection>("connection")),
          machineId: pulumi.output(config.require("machine")),
        },
      },
    ],
  },
  {},
);
if (config.getBoolean("extra") === true) {
  new command.local.Command("extra", { addPreviousOutputInEnv: false, environment: { A: "b" } });
}
