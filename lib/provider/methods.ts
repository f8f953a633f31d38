import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import { diffInputs } from "./diff.ts";
import type { EngineLog } from "./engine.ts";
import type { Context, ProviderDefinition, ResourceHandler } from "./handler.ts";
import { configFailures, configOf } from "./provider-config.ts";
import { checkResponse, diffResponse, encodeOutputs, guarded, unary } from "./responses.ts";
import {
  carrySecrets,
  type Decoded,
  decode,
  encode,
  hasUnknown,
  type Properties,
  UNKNOWN,
} from "./values.ts";

/** The requests that carry a resource: what errors are attributed to, and whose secrets messages must not show. */
interface Subject {
  getUrn(): string;
}

/** The gRPC methods of a provider: pulumi/proto/pulumi/provider.proto. Those left out answer UNIMPLEMENTED. */
export function methods(
  { resources, functions = {}, ...provider }: ProviderDefinition,
  engine: EngineLog,
  cancelled: AbortController,
) {
  const handlerOf = (urn: string): ResourceHandler => {
    const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
    const handler = resources[type];
    if (handler !== undefined) return handler;
    const known = Object.keys(resources).join(", ");
    throw new Error(`provider ${provider.name}: no resource type ${type}; it has ${known}`);
  };
  const contextOf = (
    request: Subject & { getTimeout(): number },
    redact: (text: string) => string,
  ): Context => ({
    urn: request.getUrn(),
    signal:
      request.getTimeout() > 0
        ? AbortSignal.any([cancelled.signal, AbortSignal.timeout(request.getTimeout() * 1000)])
        : cancelled.signal,
    log: (severity, message) => engine.log(request.getUrn(), severity, redact(message)),
    status: (message) => engine.status(request.getUrn(), redact(message)),
  });

  const checkConfig = (request: InstanceType<typeof proto.CheckRequest>) => {
    const news = decode(request.getNews());
    const failures = configFailures(provider, configOf(news));
    return checkResponse({ inputs: news.value, failures }, news);
  };

  return {
    handshake: unary(() => {
      const response = new proto.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      return response;
    }),
    checkConfig: unary(checkConfig),
    diffConfig: unary((request: InstanceType<typeof proto.DiffRequest>) => {
      const olds = decode(request.getOldInputs() ?? request.getOlds());
      const news = decode(request.getNews());
      return diffResponse(
        { changes: diffInputs(configOf(olds), configOf(news), () => "update") },
        olds,
        news,
        [],
      );
    }),
    configure: unary((request: InstanceType<typeof proto.ConfigureRequest>) => {
      const config = configOf(decode(request.getArgs()));
      const failures = configFailures(provider, config);
      if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("; "));
      provider.configure?.(config);
      const response = new proto.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      return response;
    }),
    check: unary(async (request: InstanceType<typeof proto.CheckRequest>) => {
      const news = decode(request.getNews());
      // For a resource that is new, the engine sends an empty object.
      const { value } = decode(request.getOlds());
      const olds = Object.keys(value).length === 0 ? undefined : value;
      const handler = handlerOf(request.getUrn());
      const checked = handler.check(news.value, olds);
      const askable = olds === undefined && checked.failures.length === 0;
      const reason = askable ? await handler.obstacle?.(checked.inputs) : undefined;
      const failures = reason === undefined ? checked.failures : [{ property: "", reason }];
      return checkResponse({ ...checked, failures }, news, handler);
    }),
    diff: unary(async (request: InstanceType<typeof proto.DiffRequest>) => {
      const outputs = decode(request.getOlds());
      const olds = decode(request.getOldInputs() ?? request.getOlds());
      const news = decode(request.getNews());
      const handler = handlerOf(request.getUrn());
      const before = { inputs: olds.value, outputs: outputs.value };
      const found = handler.diff(before, news.value);
      if (Object.keys(found.changes).length > 0) await handler.refuse?.(before, news.value);
      return diffResponse(found, olds, news, request.getIgnorechangesList());
    }),
    create: unary((request: InstanceType<typeof proto.CreateRequest>) => {
      const handler = handlerOf(request.getUrn());
      const inputs = decode(request.getProperties());
      return guarded([inputs], handler, async (redact) => {
        const response = new proto.CreateResponse();
        const made = request.getPreview()
          ? { id: "", outputs: inputs.value }
          : await handler.create(known(inputs), contextOf(request, redact));
        response.setId(made.id);
        response.setProperties(encodeOutputs(made.outputs, [inputs], handler));
        return response;
      });
    }),
    read: unary((request: InstanceType<typeof proto.ReadRequest>) => {
      const handler = handlerOf(request.getUrn());
      const outputs = decode(request.getProperties());
      const inputs = decode(request.getInputs());
      return guarded([inputs, outputs], handler, async (redact) => {
        const response = new proto.ReadResponse();
        const isImport = Object.keys(outputs.value).length === 0;
        const [oldOutputs, oldInputs] = isImport ? [] : [outputs.value, inputs.value];
        const found = await handler.read(request.getId(), oldOutputs, oldInputs, contextOf(request, redact));
        if (found === undefined) return response; // an empty id tells the engine that it is gone
        response.setId(found.id);
        response.setProperties(encodeOutputs(found.outputs, [inputs, outputs], handler));
        const state = found.inputs ?? inputs.value;
        response.setInputs(encode(state, carrySecrets(inputs, state)));
        return response;
      });
    }),
    update: unary((request: InstanceType<typeof proto.UpdateRequest>) => {
      const handler = handlerOf(request.getUrn());
      const outputs = decode(request.getOlds());
      const olds = decode(request.getOldInputs());
      const news = decode(request.getNews());
      return guarded([olds, outputs, news], handler, async (redact) => {
        const response = new proto.UpdateResponse();
        const before = { inputs: olds.value, outputs: outputs.value };
        const updated = request.getPreview()
          ? { ...outputs.value, ...news.value, ...unknowns(handler.renewed?.(before, news.value) ?? []) }
          : await handler.update(request.getId(), before, known(news), contextOf(request, redact));
        response.setProperties(encodeOutputs(updated, [news], handler));
        return response;
      });
    }),
    delete: unary((request: InstanceType<typeof proto.DeleteRequest>) => {
      const handler = handlerOf(request.getUrn());
      const outputs = decode(request.getProperties());
      return guarded([outputs], handler, async (redact) => {
        await handler.delete(request.getId(), outputs.value, contextOf(request, redact));
        return new empties.Empty();
      });
    }),
    invoke: unary(async (request: InstanceType<typeof proto.InvokeRequest>) => {
      const token = request.getTok();
      const answer = functions[token];
      if (answer === undefined) throw new Error(`provider ${provider.name}: no function ${token}`);
      const response = new proto.InvokeResponse();
      response.setReturn(encode(await answer(known(decode(request.getArgs())))));
      return response;
    }),
    cancel: unary(() => {
      cancelled.abort(new Error("cancelled"));
      return new empties.Empty();
    }),
    getPluginInfo: unary(() => {
      const response = new pluginProto.PluginInfo();
      response.setVersion(provider.version);
      return response;
    }),
    attach: unary(() => new empties.Empty()),
  };
}

function unknowns(properties: readonly string[]): object {
  return Object.fromEntries(properties.map((property) => [property, UNKNOWN]));
}

function known(inputs: Decoded): Properties {
  if (hasUnknown(inputs.value)) throw new Error("an input is still unknown");
  return inputs.value;
}
