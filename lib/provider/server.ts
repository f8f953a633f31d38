import { Server, ServerCredentials } from "@grpc/grpc-js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { engineLog } from "./engine.ts";
import type { ProviderDefinition } from "./handler.ts";
import { methods } from "./methods.ts";

export type { Diff } from "./diff.ts";
export type { Checked, Context, Failure, ProviderDefinition, ResourceHandler } from "./handler.ts";
export { PartialFailure } from "./handler.ts";

/**
 * Serves one provider to Pulumi's engine: prints the port it listens on, which is how the engine finds it, and ends
 * with the engine. Protocol: pulumi/proto/pulumi/provider.proto; the last argument of the process is the engine's
 * address.
 */
export async function serveProvider(definition: ProviderDefinition): Promise<void> {
  const engine = engineLog(process.argv.slice(2).findLast((argument) => !argument.startsWith("-")));
  const cancelled = new AbortController();
  const server = new Server({ "grpc.max_receive_message_length": 400 * 1024 * 1024 });
  server.addService(providerGrpc.ResourceProviderService, methods(definition, engine, cancelled));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  console.log(port);
  await endOfEngine(cancelled);
  server.forceShutdown();
  process.exit(0);
}

/** Settles once this process has been told to end, or its parent has gone without a word. */
function endOfEngine(cancelled: AbortController): Promise<void> {
  const parent = process.ppid;
  return new Promise((resolve) => {
    const end = () => {
      cancelled.abort(new Error("cancelled"));
      resolve();
    };
    // The engine ends its plugins by SIGINT. Ctrl-C does not come here: plugins have a process group of their own.
    process.on("SIGINT", end);
    process.on("SIGTERM", end);
    setInterval(() => process.ppid !== parent && end(), 1000);
  });
}
