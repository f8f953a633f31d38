import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import statusProto from "@pulumi/pulumi/proto/status_pb.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decode, encode } from "./values.ts";

/** A provider of its own process, as the engine would start it. */
const source = `
  import { PartialFailure, serveProvider } from ${JSON.stringify(join(import.meta.dirname, "server.ts"))};
  await serveProvider({ name: "trial", version: "1.2.3",
    functions: { "trial:index:sum": async ({ a, b }) => ({ sum: a + b }) },
    resources: { "trial:index:Thing": {
    secretInputs: [["login", "key"]],
    secretOutputs: ["result"],
    check: (news) => ({ inputs: news, failures: "bad" in news ? [{ property: "bad", reason: "no bad" }] : [] }),
    diff: (olds, news) => ({ changes: olds.inputs.size === news.size ? {} : { size: "update", name: "replace" } }),
    refuse: async (olds, news) => {
      if (news.size === 13) throw new Error("not 13");
    },
    create: async (inputs) => {
      if (inputs.name === "half") throw new PartialFailure("half-1", inputs, "failed with " + inputs.password);
      return { id: "thing-1", outputs: { ...inputs, result: "made" } };
    },
    read: async () => undefined,
    update: async (id, olds, news) => news,
    delete: async () => {},
  } } });
`;
const urn = "urn:pulumi:dev::p::trial:index:Thing::a";
const provider = spawn(process.execPath, ["--input-type=module-typescript", "--eval", source], {
  stdio: ["ignore", "pipe", "inherit"],
});
let client: InstanceType<typeof providerGrpc.ResourceProviderClient>;

beforeAll(async () => {
  const [port] = await once(createInterface({ input: provider.stdout }), "line");
  client = new providerGrpc.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
});

afterAll(() => {
  client.close();
  provider.kill("SIGKILL");
});

function call<Response>(start: (done: (error: ServiceError | null, response: Response) => void) => unknown) {
  return new Promise<Response>((resolve, reject) => {
    start((error, response) => (error === null ? resolve(response) : reject(error)));
  });
}

function createRequest(inputs: object, secrets: string[][] = []) {
  const request = new proto.CreateRequest();
  request.setUrn(urn);
  request.setProperties(encode(inputs, secrets));
  return request;
}

describe("a served provider", () => {
  it("refuses provider configuration that it does not know, by name", async () => {
    const request = new proto.ConfigureRequest();
    request.setArgs(encode({ hots: "typo", version: "5.2.0" }));
    await expect(call((done) => client.configure(request, done))).rejects.toThrow(
      /no configuration key hots/,
    );
  });

  it("reports failures by property", async () => {
    const request = new proto.CheckRequest();
    request.setUrn(urn);
    request.setNews(encode({ bad: 1 }));
    const response = await call<InstanceType<typeof proto.CheckResponse>>((done) =>
      client.check(request, done),
    );
    expect(response.getFailuresList().map((each) => [each.getProperty(), each.getReason()])).toEqual([
      ["bad", "no bad"],
    ]);
  });

  it("makes secret what its resource has declared so, where it is given", async () => {
    const request = new proto.CheckRequest();
    request.setUrn(urn);
    request.setNews(encode({ login: { key: "abc", user: "me" } }));
    const response = await call<InstanceType<typeof proto.CheckResponse>>((done) =>
      client.check(request, done),
    );
    expect(decode(response.getInputs())).toEqual({
      value: { login: { key: "abc", user: "me" } },
      secrets: [["login", "key"]],
    });
  });

  it("names the type that it does not serve", async () => {
    const request = new proto.CheckRequest();
    request.setUrn("urn:pulumi:dev::p::trial:index:Other::a");
    await expect(call((done) => client.check(request, done))).rejects.toThrow(
      /no resource type trial:index:Other/,
    );
  });

  it("sends each change with its kind, and replaces apart", async () => {
    const request = new proto.DiffRequest();
    request.setUrn(urn);
    request.setOldInputs(encode({ size: 1, name: "a" }));
    request.setOlds(encode({ size: 1, name: "a" }));
    request.setNews(encode({ size: 2 }));
    const response = await call<InstanceType<typeof proto.DiffResponse>>((done) =>
      client.diff(request, done),
    );
    expect(response.getReplacesList()).toEqual(["name"]);
    expect(response.getDetaileddiffMap().get("size")?.getKind()).toBe(proto.PropertyDiff.Kind.UPDATE);
    expect(response.getDetaileddiffMap().get("name")?.getKind()).toBe(proto.PropertyDiff.Kind.DELETE_REPLACE);
  });

  it("fails where a change is refused, and asks for no refusal where there is none", async () => {
    const diff = (size: number, was: number) => {
      const request = new proto.DiffRequest();
      request.setUrn(urn);
      request.setOldInputs(encode({ size: was }));
      request.setOlds(encode({ size: was }));
      request.setNews(encode({ size }));
      return call((done) => client.diff(request, done));
    };
    await expect(diff(13, 1)).rejects.toThrow(/not 13/);
    await diff(13, 13);
  });

  it("answers functions, and names the one that it does not serve", async () => {
    const request = new proto.InvokeRequest();
    request.setTok("trial:index:sum");
    request.setArgs(encode({ a: 2, b: 3 }));
    const response = await call<InstanceType<typeof proto.InvokeResponse>>((done) =>
      client.invoke(request, done),
    );
    expect(decode(response.getReturn()).value).toEqual({ sum: 5 });
    request.setTok("trial:index:other");
    await expect(call((done) => client.invoke(request, done))).rejects.toThrow(
      /no function trial:index:other/,
    );
  });

  it("keeps secret inputs secret in the outputs, and marks outputs that are secret by themselves", async () => {
    const request = createRequest({ name: "a", password: "hidden" }, [["password"]]);
    const response = await call<InstanceType<typeof proto.CreateResponse>>((done) =>
      client.create(request, done),
    );
    const { value, secrets } = decode(response.getProperties());
    expect(value).toEqual({ name: "a", password: "hidden", result: "made" });
    expect(secrets).toEqual([["password"], ["result"]]);
  });

  it("reports a half-made resource with its id, and no secret in the message", async () => {
    const request = createRequest({ name: "half", password: "hidden" }, [["password"]]);
    const failure: unknown = await call((done) => client.create(request, done)).catch(
      (error: unknown) => error,
    );
    const error = failure as ServiceError;
    expect(error.details).toBe("failed with [secret]");
    const [packed] = error.metadata.get("grpc-status-details-bin");
    const [any] = statusProto.Status.deserializeBinary(Buffer.from(packed ?? "")).getDetailsList();
    const detail = proto.ErrorResourceInitFailed.deserializeBinary(any?.getValue_asU8() ?? new Uint8Array());
    expect(detail.getId()).toBe("half-1");
    expect(decode(detail.getProperties()).secrets).toEqual([["password"]]);
  });

  it("makes nothing in a preview", async () => {
    const request = createRequest({ name: "half" });
    request.setPreview(true);
    const response = await call<InstanceType<typeof proto.CreateResponse>>((done) =>
      client.create(request, done),
    );
    expect(response.getId()).toBe("");
  });

  it("answers a read of what is gone with an empty id", async () => {
    const request = new proto.ReadRequest();
    request.setUrn(urn);
    request.setId("thing-1");
    const response = await call<InstanceType<typeof proto.ReadResponse>>((done) =>
      client.read(request, done),
    );
    expect(response.getId()).toBe("");
  });
});
