/**
 * Pulumi's docker provider, for machines where the official one cannot be had. It serves the tokens of the npm
 * package @pulumi/docker 5.2.0 for what the program uses, and fails by name on everything else. What replaces and
 * what updates was taken from the sources of the provider that the official one wraps
 * (kreuzwerker/terraform-provider-docker, internal/provider); each resource's file says where it differs.
 */
import { serveProvider } from "../../../../lib/provider/server.ts";
import { containerHandler } from "./container.ts";
import { Engine } from "./engine.ts";
import { networkHandler } from "./network.ts";
import { remoteImageHandler } from "./remote-image.ts";
import { volumeHandler } from "./volume.ts";

const engine = new Engine();

function isOptions(value: unknown): value is string[] | undefined {
  return value === undefined || (Array.isArray(value) && value.every((word) => typeof word === "string"));
}

await serveProvider({
  name: "docker",
  version: "5.2.0",
  checkConfig: (config) =>
    Object.keys(config)
      .filter((key) => key !== "host" && key !== "sshOpts")
      .map((property) => ({
        property,
        reason: `provider property ${property} is not covered by the docker stand-in; only host and sshOpts are`,
      })),
  // A host that is not known yet, as in a preview that would make it first, leaves the engine unconnected.
  configure: ({ host, sshOpts }) => {
    if (host === undefined) engine.connect(host);
    else if (typeof host === "string" && isOptions(sshOpts)) engine.connect(host, sshOpts);
  },
  resources: {
    "docker:index/container:Container": containerHandler(engine),
    "docker:index/network:Network": networkHandler(engine),
    "docker:index/remoteImage:RemoteImage": remoteImageHandler(engine),
    "docker:index/volume:Volume": volumeHandler(engine),
  },
});
