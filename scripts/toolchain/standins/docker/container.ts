import { z } from "zod";
import { type Context, PartialFailure, type ResourceHandler } from "../../../../lib/provider/server.ts";
import { checkCovered } from "./check.ts";
import { createConfig, updatableConfig, uploadedFiles } from "./container-config.ts";
import { containerChanges } from "./container-diff.ts";
import { inspectContainer, lastLog, startHealthy } from "./container-health.ts";
import { type ContainerInputs, containerInputs } from "./container-inputs.ts";
import { type ContainerOutputs, outputsOf } from "./container-read.ts";
import type { Engine } from "./engine.ts";
import { tar } from "./tar.ts";

/** The official provider's default for waitTimeout, in seconds. */
const WAIT_SECONDS = 60;

/**
 * `docker:index/container:Container`, after resource_docker_container.go and its _funcs.go, see ../CONFORMANCE.md. One
 * difference: when a container does not become healthy, the error has its last log lines.
 */
export function containerHandler(engine: Engine): ResourceHandler<ContainerInputs, ContainerOutputs> {
  return {
    check: (news) => checkCovered(containerInputs, news),
    diff: (olds, news) => ({ changes: containerChanges(olds, news) }),

    create: async (news, context) => {
      const id = await makeContainer(engine, news);
      try {
        await start(engine, id, news, context);
        return { id, outputs: await readAll(engine, id, news) };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new PartialFailure(id, news, reason);
      }
    },

    read: async (id, outputs, olds) => {
      const actual = await inspectContainer(engine, id);
      if (actual === undefined) return undefined;
      const known = outputs ?? { name: actual.Name.slice(1), image: actual.Image };
      return { id: actual.Id, outputs: outputsOf(known, actual), inputs: olds };
    },

    update: async (id, { outputs }, news) => {
      if (outputs.mustRun === false) await engine.call("POST", `/containers/${id}/start`, undefined, [304]);
      await engine.call("POST", `/containers/${id}/update`, updatableConfig(news));
      return readAll(engine, id, news);
    },

    delete: async (id, outputs) => removeContainer(engine, id, outputs.destroyGraceSeconds ?? 0),
  };
}

async function readAll(engine: Engine, id: string, news: ContainerInputs): Promise<ContainerOutputs> {
  const actual = await inspectContainer(engine, id);
  if (actual === undefined) throw new Error(`container ${news.name} is gone`);
  return outputsOf(news, actual);
}

/** Creates the container, on all its networks and with its files, but does not start it. */
async function makeContainer(engine: Engine, news: ContainerInputs): Promise<string> {
  const path = `/containers/create?name=${encodeURIComponent(news.name)}`;
  const { Id } = z
    .object({ Id: z.string() })
    .parse(JSON.parse(await engine.call("POST", path, createConfig(news))));
  try {
    await connect(engine, Id, news);
    await upload(engine, Id, news);
    return Id;
  } catch (error) {
    await removeContainer(engine, Id, 0);
    throw error;
  }
}

/** With networksAdvanced a container is on those alone: it is taken off the default bridge, and put on them. */
async function connect(engine: Engine, Container: string, news: ContainerInputs): Promise<void> {
  const { networksAdvanced = [] } = news;
  if (networksAdvanced.length === 0) return;
  // 403, or 500 on older engines: it is not on the bridge.
  await engine.call("POST", "/networks/bridge/disconnect", { Container, Force: false }, [403, 500]);
  for (const { name, aliases } of networksAdvanced) {
    const EndpointConfig = { Aliases: aliases };
    await engine.call("POST", `/networks/${encodeURIComponent(name)}/connect`, { Container, EndpointConfig });
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
  if (actual?.State.Running === true) return;
  throw new Error(
    `container ${news.name} exited at once with code ${actual?.State.ExitCode}${await lastLog(engine, id)}`,
  );
}

async function removeContainer(engine: Engine, id: string, graceSeconds: number): Promise<void> {
  await engine.call("POST", `/containers/${id}/stop?t=${graceSeconds}`, undefined, [304, 404]);
  // 409: a removal is under way already, started by somebody else.
  await engine.call("DELETE", `/containers/${id}?force=true&v=true`, undefined, [404, 409]);
}
