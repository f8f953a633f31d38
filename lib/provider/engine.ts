import { credentials } from "@grpc/grpc-js";
import engineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineProto from "@pulumi/pulumi/proto/engine_pb.js";

export type Severity = "debug" | "info" | "warning" | "error";

/** The engine's log: what is sent there appears beside the resource in the CLI's display. */
export interface EngineLog {
  /** A line that stays in the output. */
  log(urn: string, severity: Severity, message: string): Promise<void>;
  /** A line shown only until the next one. */
  status(urn: string, message: string): Promise<void>;
}

/**
 * @param address host:port, as the engine gives it to a plugin as its last argument; without one (a plugin started
 *   by hand) messages go to standard error
 */
export function engineLog(address: string | undefined): EngineLog {
  if (address === undefined) {
    const print = (message: string) => Promise.resolve(console.error(message));
    return { log: (_urn, _severity, message) => print(message), status: (_urn, message) => print(message) };
  }
  const client = new engineGrpc.EngineClient(address, credentials.createInsecure());
  // One after the other, since each is a call of its own and calls may overtake each other.
  let last: Promise<void> = Promise.resolve();
  const send = (urn: string, severity: Severity, message: string, ephemeral: boolean) => {
    const request = new engineProto.LogRequest();
    request.setUrn(urn);
    request.setSeverity(engineProto.LogSeverity[severity.toUpperCase() as Uppercase<Severity>]);
    request.setMessage(message);
    request.setEphemeral(ephemeral);
    // A lost progress line must not fail the deployment that it tells of.
    last = last.then(() => new Promise((resolve) => client.log(request, () => resolve())));
    return last;
  };
  return {
    log: (urn, severity, message) => send(urn, severity, message, false),
    status: (urn, message) => send(urn, "info", message, true),
  };
}
