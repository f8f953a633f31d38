/**
 * Pulumi's command provider, for machines where the official one cannot be had. It serves the tokens of the npm package
 * @pulumi/command 1.2.1 for what the program uses, and fails by name on everything else. What it does was taken from the
 * sources of the official one (pulumi/pulumi-command, provider/pkg/provider); see ../CONFORMANCE.md.
 */
import { serveProvider } from "../../../../lib/provider/server.ts";
import { commandHandler } from "./command.ts";
import { localInputs, remoteInputs } from "./inputs.ts";
import { runLocally } from "./local.ts";
import { runRemotely } from "./remote.ts";

await serveProvider({
  name: "command",
  version: "1.2.1",
  resources: {
    "command:local:Command": commandHandler(localInputs, runLocally),
    "command:remote:Command": commandHandler(remoteInputs, runRemotely),
  },
});
