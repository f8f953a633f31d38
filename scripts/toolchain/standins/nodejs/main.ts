/**
 * Pulumi's Node language host, for machines where the official one cannot be had: a gRPC LanguageRuntime server
 * (pulumi/proto/pulumi/language.proto). It prints its port and ends with the CLI. It runs programs, installs their
 * dependencies and tells about them; generating code is left to the official host, and such calls are answered with
 * UNIMPLEMENTED and their name.
 */
import { spawn } from "node:child_process";
import { status as codes, type handleUnaryCall, Server, ServerCredentials } from "@grpc/grpc-js";
import languageGrpc from "@pulumi/pulumi/proto/language_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/language_pb.js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import { dependencies, versionOf } from "./dependencies.ts";
import { findNode, type Launch, launchOf, parseOptions, policyLaunchOf } from "./program.ts";

/** Exit code of the SDK's launcher when it has told the user already: cmd/run/index.js. */
const REPORTED = 32;

const engineAddress = process.argv.slice(2).findLast((argument) => !argument.startsWith("-")) ?? "";
const children = new Set<ReturnType<typeof spawn>>();

/** Runs a command with its output going to where the engine reads ours; the exit code, or null after a signal. */
function run({ command, args, cwd, env }: Launch): Promise<number | null> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit"],
  });
  children.add(child);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      children.delete(child);
      resolve(code);
    });
  });
}

async function runProgram(request: InstanceType<typeof proto.RunRequest>) {
  const response = new proto.RunResponse();
  const info = request.getInfo();
  const code = await run(
    launchOf({
      project: request.getProject(),
      stack: request.getStack(),
      organization: request.getOrganization(),
      monitor: request.getMonitorAddress(),
      engine: engineAddress,
      parallel: request.getParallel(),
      dryRun: request.getDryrun(),
      pwd: request.getPwd(),
      rootDirectory: info?.getRootDirectory() ?? "",
      programDirectory: info?.getProgramDirectory() ?? request.getPwd(),
      entryPoint: info?.getEntryPoint() ?? ".",
      args: request.getArgsList(),
      config: Object.fromEntries(request.getConfigMap().getEntryList()),
      secretKeys: request.getConfigsecretkeysList(),
      options: parseOptions(info?.getOptions()?.toJavaScript() ?? {}),
    }),
  );
  response.setBail(code === REPORTED);
  if (code === null) response.setError("the program was ended by a signal");
  else if (code !== 0 && code !== REPORTED) response.setError(`the program exited with code ${code}`);
  return response;
}

/** The answer streams what npm says; the CLI shows it. */
function install(call: {
  request: InstanceType<typeof proto.InstallDependenciesRequest>;
  write(message: InstanceType<typeof proto.InstallDependenciesResponse>): void;
  end(): void;
  destroy(error: Error): void;
}) {
  const directory = call.request.getInfo()?.getProgramDirectory() ?? call.request.getDirectory();
  const child = spawn("npm", ["install"], { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
  children.add(child);
  const send = (error: boolean) => (chunk: Buffer) => {
    const message = new proto.InstallDependenciesResponse();
    if (error) message.setStderr(chunk);
    else message.setStdout(chunk);
    call.write(message);
  };
  child.stdout.on("data", send(false));
  child.stderr.on("data", send(true));
  child.once("error", (error) => call.destroy(error));
  child.once("close", (code) => {
    children.delete(child);
    if (code === 0) call.end();
    else call.destroy(new Error(`npm install in ${directory} exited with code ${code}`));
  });
}

type PluginCall = {
  request: InstanceType<typeof proto.RunPluginRequest>;
  write(message: InstanceType<typeof proto.RunPluginResponse>): void;
  end(): void;
  destroy(error: Error): void;
};

/** Runs a policy pack, as long as the engine holds the call; what it prints is streamed, its port among it. */
function runPlugin(call: PluginCall & { on(event: "cancelled", listener: () => void): void }) {
  const { request } = call;
  if (request.getKind() !== "analyzer") {
    call.destroy(
      new Error(
        `the nodejs language host stand-in runs policy packs, no plugins of the kind ${request.getKind()}`,
      ),
    );
    return;
  }
  const directory = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
  const { command, args, cwd, env } = policyLaunchOf(directory, request.getArgsList(), request.getEnvList());
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  const send = (set: (message: InstanceType<typeof proto.RunPluginResponse>, chunk: Buffer) => void) => {
    return (chunk: Buffer) => {
      const message = new proto.RunPluginResponse();
      set(message, chunk);
      call.write(message);
    };
  };
  child.stdout.on(
    "data",
    send((message, chunk) => message.setStdout(chunk)),
  );
  child.stderr.on(
    "data",
    send((message, chunk) => message.setStderr(chunk)),
  );
  call.on("cancelled", () => child.kill("SIGTERM"));
  child.once("error", (error) => call.destroy(error));
  child.once("close", (code) => {
    children.delete(child);
    const message = new proto.RunPluginResponse();
    message.setExitcode(code ?? 1);
    call.write(message);
    call.end();
  });
}

function about(request: InstanceType<typeof proto.AboutRequest>) {
  const response = new proto.AboutResponse();
  response.setExecutable(
    findNode(request.getInfo()?.getProgramDirectory() ?? process.cwd(), process.execPath),
  );
  response.setVersion(process.version);
  return response;
}

function programDependencies(request: InstanceType<typeof proto.GetProgramDependenciesRequest>) {
  const response = new proto.GetProgramDependenciesResponse();
  const directory = request.getInfo()?.getProgramDirectory() ?? process.cwd();
  for (const { name, version } of dependencies(directory)) {
    const dependency = new proto.DependencyInfo();
    dependency.setName(name);
    dependency.setVersion(version);
    response.addDependencies(dependency);
  }
  return response;
}

function pluginInfo() {
  const response = new pluginProto.PluginInfo();
  response.setVersion(versionOf(process.cwd(), "@pulumi/pulumi") ?? "0.0.0");
  return response;
}

function unary<Request, Response>(
  answer: (request: Request) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const respond = async () => answer(call.request);
    respond().then(
      (response) => callback(null, response),
      (error: Error) => callback({ code: codes.UNKNOWN, details: error.message }),
    );
  };
}

function endProgram() {
  for (const child of children) child.kill("SIGTERM");
}

const server = new Server({ "grpc.max_receive_message_length": 400 * 1024 * 1024 });
server.addService(languageGrpc.LanguageRuntimeService, {
  handshake: unary(() => new proto.LanguageHandshakeResponse()),
  // Plugins are found on PATH, or where Pulumi.yaml says; none is downloaded.
  getRequiredPlugins: unary(() => new proto.GetRequiredPluginsResponse()),
  getRequiredPackages: unary(() => new proto.GetRequiredPackagesResponse()),
  run: unary(runProgram),
  getPluginInfo: unary(pluginInfo),
  installDependencies: install,
  runPlugin,
  about: unary(about),
  getProgramDependencies: unary(programDependencies),
  runtimeOptionsPrompts: unary(() => new proto.RuntimeOptionsResponse()),
  cancel: unary(() => {
    endProgram();
    return new empties.Empty();
  }),
});

const port = await new Promise<number>((resolve, reject) => {
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
    error === null ? resolve(bound) : reject(error),
  );
});
console.log(port);

const parent = process.ppid;
const end = () => {
  endProgram();
  process.exit(0);
};
// The engine ends its plugins by SIGINT. Ctrl-C does not come here: plugins have a process group of their own.
process.on("SIGINT", end);
process.on("SIGTERM", end);
setInterval(() => process.ppid !== parent && end(), 1000);
