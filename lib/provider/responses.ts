import { status as codes, type handleUnaryCall, Metadata } from "@grpc/grpc-js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import statusProto from "@pulumi/pulumi/proto/status_pb.js";
import anys from "google-protobuf/google/protobuf/any_pb.js";
import { type Diff, parsePath } from "./diff.ts";
import { type Checked, PartialFailure, type ResourceHandler } from "./handler.ts";
import { at, carrySecrets, type Decoded, encode, equal, secretTexts } from "./values.ts";

export function encodeOutputs(outputs: object, sources: readonly Decoded[], handler: ResourceHandler) {
  const secrets = sources.flatMap((source) => carrySecrets(source, outputs));
  return encode(outputs, [...secrets, ...(handler.secretOutputs ?? []).map((name) => [name])]);
}

export function checkResponse(
  { inputs, failures }: Checked<object>,
  news: Decoded,
  { secretInputs = [] }: Pick<ResourceHandler, "secretInputs"> = {},
) {
  const response = new proto.CheckResponse();
  const secrets = secretInputs.filter((path) => at(inputs, path) !== undefined);
  response.setInputs(encode(inputs, [...carrySecrets(news, inputs), ...secrets]));
  for (const { property, reason } of failures) {
    const failure = new proto.CheckFailure();
    failure.setProperty(property);
    failure.setReason(reason);
    response.addFailures(failure);
  }
  return response;
}

export function diffResponse(
  { changes, deleteBeforeReplace }: Diff,
  olds: Decoded,
  news: Decoded,
  ignored: readonly string[],
) {
  const response = new proto.DiffResponse();
  const { Kind } = proto.PropertyDiff;
  const counted = Object.entries(changes).filter(
    ([path]) => !ignored.some((prefix) => path === prefix || /^[.[]/.test(path.slice(prefix.length))),
  );
  for (const [path, effect] of counted) {
    const before = at(olds.value, parsePath(path));
    const after = at(news.value, parsePath(path));
    const property = new proto.PropertyDiff();
    const kind = before === undefined ? Kind.ADD : after === undefined ? Kind.DELETE : Kind.UPDATE;
    // Each kind is followed by its replacing counterpart.
    property.setKind(effect === "replace" ? ((kind + 1) as typeof kind) : kind);
    property.setInputdiff(!equal(before, after));
    response.getDetaileddiffMap().set(path, property);
  }
  const names = (effect?: string) => [
    ...new Set(
      counted
        .filter((each) => effect === undefined || each[1] === effect)
        .map(([path]) => String(parsePath(path)[0])),
    ),
  ];
  response.setHasdetaileddiff(true);
  response.setDiffsList(names());
  response.setReplacesList(names("replace"));
  response.setDeletebeforereplace(deleteBeforeReplace ?? false);
  const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
  response.setChanges(counted.length > 0 ? DIFF_SOME : DIFF_NONE);
  return response;
}

/** Runs an operation with its secrets kept out of messages, and a half-made resource reported as such. */
export async function guarded<T>(
  values: readonly Decoded[],
  handler: ResourceHandler,
  operation: (redact: (text: string) => string) => Promise<T>,
): Promise<T> {
  const texts = values.flatMap(secretTexts).sort((a, b) => b.length - a.length);
  const redact = (text: string) =>
    texts.reduce((clean, secret) => clean.replaceAll(secret, "[secret]"), text);
  try {
    return await operation(redact);
  } catch (error) {
    const message = redact(error instanceof Error ? error.message : String(error));
    if (!(error instanceof PartialFailure)) throw new Error(message);
    const detail = new proto.ErrorResourceInitFailed();
    detail.setId(error.id);
    detail.setProperties(encodeOutputs(error.outputs, values, handler));
    detail.addReasons(message);
    throw new InitFailed(message, detail);
  }
}

/** Carries the detail by which the engine keeps a half-made resource in its state. */
class InitFailed extends Error {
  readonly metadata = new Metadata();

  constructor(message: string, detail: InstanceType<typeof proto.ErrorResourceInitFailed>) {
    super(message);
    const packed = new anys.Any();
    packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new statusProto.Status();
    status.setCode(codes.UNKNOWN);
    status.setMessage(message);
    status.addDetails(packed);
    this.metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  }
}

/** Makes a gRPC method of a function: what it throws becomes the call's error. */
export function unary<Request, Response>(
  answer: (request: Request) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const run = async () => answer(call.request);
    run().then(
      (response) => callback(null, response),
      (error: Error) => {
        const metadata = error instanceof InitFailed ? error.metadata : new Metadata();
        callback({ code: codes.UNKNOWN, details: error.message, metadata });
      },
    );
  };
}
