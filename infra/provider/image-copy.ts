import { spawn } from "node:child_process";
import { z } from "zod";
import { checkInputs } from "../../lib/provider/check.ts";
import { changedPaths } from "../../lib/provider/diff.ts";
import type { Context, ResourceHandler } from "../../lib/provider/handler.ts";
import { destination, sshOptions } from "../../lib/ssh/arguments.ts";
import { connectionSchema, display } from "../../lib/ssh/connection.ts";
import { mustRun, runScript, SshError } from "../../lib/ssh/run.ts";
import { shellWord } from "../../lib/ssh/shell.ts";
import { layersIn, type Passed, withoutLayers } from "./image-layers.ts";

const inputs = z.strictObject({
  /** `name:tag` of the image on this machine's Docker engine. */
  reference: z.string().min(1),
  /** Its id there. */
  imageId: z.string().min(1),
  connection: connectionSchema,
  /** Another value means another machine, which does not have it yet. */
  machineId: z.string(),
});

export type ImageCopyInputs = z.infer<typeof inputs>;
export type ImageCopyOutputs = ImageCopyInputs;

const askMs = 60_000;
const MB = 1024 * 1024;

/** Copies to one host go one after the other: what the first has brought, the next need not send. */
const queues = new Map<string, Promise<unknown>>();

export const imageCopyHandler: ResourceHandler<ImageCopyInputs, ImageCopyOutputs> = {
  check: (news) => checkInputs(inputs, news),
  diff: ({ inputs: olds, outputs }, news) => ({
    changes: {
      ...(olds.reference === news.reference ? {} : { reference: "replace" as const }),
      ...(olds.imageId === news.imageId && outputs.imageId === news.imageId
        ? {}
        : { imageId: "replace" as const }),
      ...(olds.connection.address === news.connection.address
        ? changedPaths(olds.connection, news.connection).length > 0
          ? { connection: "update" as const }
          : {}
        : { connection: "replace" as const }),
      ...(olds.machineId === news.machineId ? {} : { machineId: "update" as const }),
    },
  }),

  create: async (news, context) => {
    await inTurn(news.connection.address, () => copy(news, context));
    return { id: `${news.connection.address}/${news.reference}`, outputs: news };
  },

  read: async (id, outputs, olds, { signal }) => {
    if (outputs === undefined) throw new Error("a copy of an image cannot be imported");
    const found = await idThere(outputs, signal);
    // A machine that cannot be asked is taken at its last word.
    if (found === undefined) return { id, outputs, inputs: olds };
    return found === "" ? undefined : { id, outputs: { ...outputs, imageId: found }, inputs: olds };
  },

  update: async (_id, _olds, news, context) => {
    await inTurn(news.connection.address, () => copy(news, context));
    return news;
  },

  delete: async (_id, outputs, { log, signal }) => {
    const { reference, imageId, connection } = outputs;
    // Only while the name still means this image; without pruning, so that its layers need not be sent again.
    const script = `[ "$(docker image inspect --format '{{.Id}}' ${shellWord(reference)} 2>/dev/null)" != ${shellWord(imageId)} ] ||
  docker image rm --force --no-prune ${shellWord(reference)} >/dev/null`;
    const { code, stderr } = await runScript(connection, script, { timeoutMs: askMs, signal });
    if (code !== 0) await log("warning", `${reference} may be left on ${connection.address}: ${stderr}`);
  },
};

function inTurn<T>(host: string, run: () => Promise<T>): Promise<T> {
  const before = queues.get(host) ?? Promise.resolve();
  const mine = before.then(run, run);
  queues.set(host, mine);
  return mine;
}

/** The id that the reference has on the machine; empty when it is not there, undefined when it cannot be asked. */
async function idThere(
  { reference, connection }: ImageCopyInputs,
  signal: AbortSignal,
): Promise<string | undefined> {
  const script = `docker image inspect --format '{{.Id}}' ${shellWord(reference)} 2>/dev/null || true`;
  const { code, stdout } = await runScript(connection, script, { timeoutMs: askMs, signal });
  return code === 0 ? stdout.trim() : undefined;
}

async function copy(news: ImageCopyInputs, context: Context): Promise<void> {
  const { reference, imageId, connection } = news;
  if ((await idThere(news, context.signal)) === imageId) return;
  const layers = await mustRun(
    connection,
    "docker image ls -aq | sort -u | xargs -r docker image inspect --format '{{json .RootFS.Layers}}'",
    { timeoutMs: askMs, signal: context.signal },
  );
  const known = layersIn(layers);
  try {
    await send(news, known, context);
  } catch (error) {
    // An engine that keeps images otherwise (containerd's store) wants every layer.
    if (known.size === 0 || error instanceof SshError || context.signal.aborted) throw error;
    await context.log("debug", `${display(connection)} wants all layers of ${reference}: ${String(error)}`);
    await send(news, new Set(), context);
  }
  const found = await idThere(news, context.signal);
  if (found === imageId) return;
  throw new Error(
    `${reference} is ${found || "not there"} on ${display(connection)} after it was sent, and ${imageId} here`,
  );
}

/** `docker save` here, `docker load` there. @throws SshError when the connection fails, Error when docker does */
async function send(
  { reference, connection }: ImageCopyInputs,
  known: ReadonlySet<string>,
  context: Context,
): Promise<Passed> {
  const { signal } = context;
  const save = spawn("docker", ["save", reference], { stdio: ["ignore", "pipe", "pipe"], signal });
  const args = ["-T", ...sshOptions(connection), ...destination(connection), "docker load --quiet"];
  const load = spawn("ssh", args, {
    stdio: ["pipe", "pipe", "pipe"],
    signal,
    env: { ...process.env, LC_ALL: "C" },
  });
  const [saved, loaded] = [ended(save), ended(load)];
  let told = 0;
  const tell = (sent: number) => {
    if (sent - told < 5 * MB) return;
    told = sent;
    void context.status(`sending ${reference}: ${Math.round(sent / MB)} MB`);
  };
  const passing = withoutLayers(save.stdout, load.stdin, known, tell).catch((error: unknown) => {
    // Whichever side ended early says why; the other must not wait for it.
    save.kill();
    load.stdin.destroy();
    return error instanceof Error ? error : new Error(String(error));
  });
  const [passed, saving, loading] = await Promise.all([passing, saved, loaded]);
  if (loading.code === 255) throw new SshError(connection, { ...loading, stdout: "" });
  if (loading.code !== 0) {
    throw new Error(
      `docker load on ${display(connection)}: ${loading.stderr.trim() || `ended with ${loading.code}`}`,
    );
  }
  if (saving.code !== 0) throw new Error(`docker save ${reference}: ${saving.stderr.trim()}`);
  if (passed instanceof Error) throw passed;
  return passed;
}

function ended(child: ReturnType<typeof spawn>): Promise<{ code: number | null; stderr: string }> {
  const errors: string[] = [];
  child.stderr?.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
  // What it said last is not needed.
  child.stdout?.on("error", () => {});
  return new Promise((resolve) => {
    child.on("error", (error) => errors.push(error.message));
    child.on("close", (code) => resolve({ code, stderr: errors.join("") }));
  });
}
