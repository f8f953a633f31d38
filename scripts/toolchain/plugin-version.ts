import { basename } from "node:path";
import { credentials } from "@grpc/grpc-js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { execa } from "execa";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import { type Env, output } from "./run.ts";

const ANSWER_MS = 20_000;

/** The version that a plugin itself tells, without a leading `v`; undefined when it tells none. */
export async function askVersion(file: string, env: Env): Promise<string | undefined> {
  const isLanguageHost = basename(file).startsWith("pulumi-language-");
  const told = isLanguageHost
    ? await output(file, ["-version"], { env, timeout: ANSWER_MS })
    : await askProvider(file, env);
  return told?.replace(/^v/, "") || undefined;
}

/** Resource plugins have no flag for it: they tell by the protocol in which Pulumi speaks to them. */
async function askProvider(file: string, env: Env): Promise<string | undefined> {
  // The address would be the engine's; nothing is sent there before a resource is worked on.
  const plugin = execa(file, ["127.0.0.1:1"], {
    env,
    extendEnv: false,
    reject: false,
    buffer: false,
    stdin: "ignore",
    stderr: "ignore",
    timeout: ANSWER_MS,
    killSignal: "SIGKILL",
  });
  for await (const line of plugin) {
    const version = /^\d+$/.test(line) ? await pluginInfo(Number(line)) : undefined;
    plugin.kill();
    return version;
  }
  return undefined;
}

function pluginInfo(port: number): Promise<string | undefined> {
  const client = new providerGrpc.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  const deadline = Date.now() + ANSWER_MS;
  return new Promise<string | undefined>((resolve) => {
    client.waitForReady(deadline, (unreachable) => {
      if (unreachable !== undefined) return resolve(undefined);
      client.getPluginInfo(new empties.Empty(), (error, info) =>
        resolve(error === null ? info.getVersion() : undefined),
      );
    });
  }).finally(() => client.close());
}
