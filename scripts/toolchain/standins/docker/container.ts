import { z } from "zod";
import { type Context, PartialFailure, type ResourceHandler } from "../../../../lib/provider/server.ts";
import { checkCovered } from "./check.ts";
import { createConfig, networksOf, updatableConfig, uploadedFiles } from "./container-config.ts";
import { type Inspected, inspectContainer, lastLog, startHealthy } from "./container-health.ts";
import {
  type ContainerInputs,
  type ContainerOutputs,
  containerChanges,
  containerInputs,
} from "./container-inputs.ts";
import type { Engine } from "./engine.ts";
import { isLeftover, nameTaken } from "./owned.ts";
import { tar } from "./tar.ts";

const MIB = 1024 * 1024;
/** The official provider's default for waitTimeout, in seconds. */
const WAIT_SECONDS = 60;

/**
 * `docker:index/container:Container`, after resource_docker_container.go and its _funcs.go. Differences: see
 * containerChanges(); a container found stopped though it must run is reported as drift and replaced by the next
 * update, where the official provider removes it in the middle of a refresh; one that does not become healthy stays
 * in the state as failed, and the next update starts it again.
 */
export function containerHandler(engine: Engine): ResourceHandler<ContainerInputs, ContainerOutputs> {
  return {
    check: (news) => checkCovered(containerInputs, news),
    diff: (olds, news) => ({ changes: containerChanges(olds, news) }),

    create: async (news, context) => {
      await removeLeftover(engine, news, context);
      const id = await makeContainer(engine, news);
      return { id, outputs: await finish(engine, id, news, () => start(engine, id, news, context)) };
    },

    read: async (id, outputs, olds) => {
      const actual = await inspectContainer(engine, id);
      if (actual === undefined) return undefined;
      const known = outputs ?? { name: actual.Name.slice(1), image: actual.Image, networkDatas: [] };
      return { id: actual.Id, outputs: outputsOf(known, actual), inputs: olds };
    },

    update: async (id, _olds, news, context) =>
      finish(engine, id, news, async () => {
        await engine.call("POST", `/containers/${id}/update`, updatableConfig(news));
        const actual = await inspectContainer(engine, id);
        const isIll = actual?.State.Health?.Status === "unhealthy";
        if (isIll)
          await engine.call(
            "POST",
            `/containers/${id}/stop?t=${news.destroyGraceSeconds ?? 10}`,
            undefined,
            [304],
          );
        await start(engine, id, news, context);
      }),

    delete: async (id, outputs) => removeContainer(engine, id, outputs.destroyGraceSeconds),
  };
}

/** Runs the last part of a create or update; when it fails, the container stays known by its id. */
async function finish(
  engine: Engine,
  id: string,
  news: ContainerInputs,
  run: () => Promise<void>,
): Promise<ContainerOutputs> {
  try {
    await run();
    const actual = await inspectContainer(engine, id);
    if (actual === undefined) throw new Error(`container ${news.name} is gone`);
    return outputsOf(news, actual);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PartialFailure(id, { ...news, networkDatas: [] }, reason);
  }
}

/** Creates the container, on all its networks and with its files, but does not start it. */
async function makeContainer(engine: Engine, news: ContainerInputs): Promise<string> {
  const path = `/containers/create?name=${encodeURIComponent(news.name)}`;
  const { Id } = z
    .object({ Id: z.string() })
    .parse(JSON.parse(await engine.call("POST", path, createConfig(news))));
  try {
    for (const { name, aliases } of networksOf(news).others) {
      const EndpointConfig = { Aliases: aliases };
      await engine.call("POST", `/networks/${encodeURIComponent(name)}/connect`, {
        Container: Id,
        EndpointConfig,
      });
    }
    await upload(engine, Id, news);
    return Id;
  } catch (error) {
    await removeContainer(engine, Id, undefined);
    throw error;
  }
}

async function upload(engine: Engine, id: string, news: ContainerInputs): Promise<void> {
  const files = uploadedFiles(news);
  if (files.length === 0) return;
  const { code, lines } = await engine.run(["cp", "-", `${id}:/`], { input: tar(files) });
  if (code !== 0) throw new Error(`container ${news.name}: uploading its files failed: ${lines.join("\n")}`);
}

async function start(engine: Engine, id: string, news: ContainerInputs, context: Context): Promise<void> {
  const run = async () => {
    await engine.call("POST", `/containers/${id}/start`, undefined, [304]);
  };
  if (news.wait === true) {
    await startHealthy(engine, id, news.name, news.waitTimeout ?? WAIT_SECONDS, context, run);
    return;
  }
  await run();
  const actual = await inspectContainer(engine, id);
  if (news.mustRun === false || actual?.State.Running === true) return;
  throw new Error(
    `container ${news.name} exited at once with code ${actual?.State.ExitCode}${await lastLog(engine, id)}`,
  );
}

async function removeContainer(engine: Engine, id: string, graceSeconds: number | undefined): Promise<void> {
  if (graceSeconds !== undefined && graceSeconds > 0) {
    await engine.call("POST", `/containers/${id}/stop?t=${graceSeconds}`, undefined, [304, 404]);
  }
  // 409: a removal is under way already, started by somebody else.
  await engine.call("DELETE", `/containers/${id}?force=true&v=true`, undefined, [404, 409]);
}

async function removeLeftover(engine: Engine, news: ContainerInputs, context: Context): Promise<void> {
  const found = await inspectContainer(engine, news.name);
  if (found === undefined) return;
  if (!isLeftover(found.Config.Labels, news.labels)) {
    throw nameTaken("container", news.name, engine.commandLine("rm", "--force", news.name));
  }
  await context.log("info", `container ${news.name} was there from an earlier run of this stack: made anew`);
  await removeContainer(engine, found.Id, news.destroyGraceSeconds);
}

/** The inputs as they were, save for what the engine says is otherwise. */
function outputsOf(known: ContainerInputs, actual: Inspected): ContainerOutputs {
  const { HostConfig, State, NetworkSettings } = actual;
  const networks = Object.entries(NetworkSettings.Networks);
  const isOn = (name: string) => networks.some(([key, { NetworkID }]) => key === name || NetworkID === name);
  return {
    ...known,
    name: actual.Name.slice(1),
    image: known.image.startsWith("sha256:") ? actual.Image : known.image,
    hostname: actual.Config.Hostname,
    memory: HostConfig.Memory / MIB,
    memorySwap: HostConfig.MemorySwap > 0 ? HostConfig.MemorySwap / MIB : HostConfig.MemorySwap,
    restart: z
      .enum(["no", "on-failure", "always", "unless-stopped"])
      .parse(HostConfig.RestartPolicy.Name || "no"),
    ...(known.networksAdvanced === undefined
      ? {}
      : { networksAdvanced: known.networksAdvanced.filter(({ name }) => isOn(name)) }),
    mustRun: known.mustRun === false ? false : State.Running,
    ...(State.Running ? {} : { exitCode: State.ExitCode }),
    networkDatas: networks.map(([networkName, { IPAddress, Gateway, IPPrefixLen }]) => ({
      networkName,
      ipAddress: IPAddress,
      gateway: Gateway,
      ipPrefixLength: IPPrefixLen,
    })),
  };
}
