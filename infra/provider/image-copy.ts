import { type ChildProcess, spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Batcher } from "../../apps/common/batcher.ts";
import { checkInputs } from "../../lib/provider/check.ts";
import { changedPaths } from "../../lib/provider/diff.ts";
import type { Context, ResourceHandler } from "../../lib/provider/handler.ts";
import { destination, sshOptions } from "../../lib/ssh/arguments.ts";
import { type Connection, connectionSchema, display } from "../../lib/ssh/connection.ts";
import { mustRun, runScript, SshError } from "../../lib/ssh/run.ts";
import { shellWord } from "../../lib/ssh/shell.ts";
import { chainsIn, indexArchive, sparedEntries, withoutEntries } from "./image-archive.ts";

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
/** A disk, where /tmp may be memory. */
const spool = "/var/tmp";
const MB = 1024 * 1024;

/** What waits to be copied, by host. */
const queues = new Map<string, Batcher<Job, void>>();

interface Job {
  readonly news: ImageCopyInputs;
  readonly context: Context;
}

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
    await copyInTurn({ news, context });
    return { id: `${news.connection.address}/${news.reference}`, outputs: news };
  },

  read: async (id, outputs, olds, { signal }) => {
    if (outputs === undefined) throw new Error("a copy of an image cannot be imported");
    const found = (await idsThere(outputs.connection, [outputs.reference], signal))?.[0];
    // A machine that cannot be asked is taken at its last word.
    if (found === undefined) return { id, outputs, inputs: olds };
    return found === "" ? undefined : { id, outputs: { ...outputs, imageId: found }, inputs: olds };
  },

  update: async (_id, _olds, news, context) => {
    await copyInTurn({ news, context });
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

/**
 * Copies to one host go one after the other: what the first has brought, the next need not send. Those that wait go
 * together, so that the engine here, which writes every layer for every archive, does it once for all of them.
 */
async function copyInTurn(job: Job): Promise<void> {
  const { connection } = job.news;
  const host = JSON.stringify(connection);
  const queue =
    queues.get(host) ??
    new Batcher<Job, void>(async (jobs) => {
      await copyAll(connection, jobs);
      return jobs.map(() => undefined);
    }, Number.POSITIVE_INFINITY);
  queues.set(host, queue);
  await queue.submit(job);
}

/** The id that each reference has on the machine, empty where it is not there; undefined when it cannot be asked. */
async function idsThere(
  connection: Connection,
  references: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  // One line for each, whether or not the engine prints an empty one for what it lacks.
  const script = references
    .map((name) => `echo "$(docker image inspect --format '{{.Id}}' ${shellWord(name)} 2>/dev/null)"`)
    .join("\n");
  const { code, stdout } = await runScript(connection, script, { timeoutMs: askMs, signal });
  return code === 0 ? stdout.split("\n").slice(0, references.length) : undefined;
}

async function copyAll(connection: Connection, jobs: readonly Job[]): Promise<void> {
  const signal = AbortSignal.any(jobs.map(({ context }) => context.signal));
  const ask = (of: readonly Job[]) =>
    idsThere(
      connection,
      of.map(({ news }) => news.reference),
      signal,
    );
  const there = await ask(jobs);
  const missing = jobs.filter(({ news }, index) => there?.[index] !== news.imageId);
  if (missing.length === 0) return;
  const listed = await mustRun(
    connection,
    "docker image ls -aq | sort -u | xargs -r docker image inspect --format '{{json .RootFS.Layers}}'",
    { timeoutMs: askMs, signal },
  );
  const known = chainsIn(listed);
  const references = missing.map(({ news }) => news.reference);
  const archive = await saveImages(references, signal);
  try {
    const spare = sparedEntries(await indexArchive(archive.read()), known);
    const send = (without: ReadonlySet<string>) =>
      sendArchive(connection, archive.read(), without, signal, (status) => {
        for (const { context } of missing) void context.status(status);
      });
    await send(spare).catch(async (error: unknown) => {
      // An engine that keeps images otherwise (containerd's store) wants every layer.
      if (spare.size === 0 || error instanceof SshError || signal.aborted) throw error;
      const [first] = missing;
      const text = `${display(connection)} wants all layers of ${references.join(", ")}: ${String(error)}`;
      await first?.context.log("debug", text);
      await send(new Set());
    });
  } finally {
    await archive.close();
  }
  const arrived = await ask(missing);
  for (const [index, { news }] of missing.entries()) {
    const found = arrived?.[index];
    if (found === news.imageId) continue;
    throw new Error(
      `${news.reference} is ${found || "not there"} on ${display(connection)} after it was sent, and ${news.imageId} here`,
    );
  }
}

/** Images of this machine as `docker save` writes them, to be read as often as one likes. */
interface SavedImages {
  read(): NodeJS.ReadableStream;
  close(): Promise<void>;
}

/** @throws when docker fails or the disk is full */
async function saveImages(references: readonly string[], signal: AbortSignal): Promise<SavedImages> {
  // Its file has no name any more, so that nothing of it is left whatever happens.
  const folder = await mkdtemp(join(spool, "edgelab-images-"));
  const path = join(folder, "archive");
  const file = await open(path, "w+");
  await rm(folder, { recursive: true });
  const save = spawn("docker", ["save", ...references], { stdio: ["ignore", file.fd, "pipe"], signal });
  const { code, stderr } = await ended(save);
  if (code !== 0) {
    await file.close();
    const why = stderr.trim() || `ended with ${code}`;
    const room = /no space left/i.test(why)
      ? `\n  fix: df -h ${spool}   # where archives of images are written first`
      : "";
    throw new Error(`docker save ${references.join(" ")}: ${why}${room}`);
  }
  return {
    read: () => createReadStream(path, { fd: file, start: 0, autoClose: false }),
    close: () => file.close(),
  };
}

/** `docker load` there. @throws SshError when the connection fails, Error when docker does */
async function sendArchive(
  connection: Connection,
  archive: NodeJS.ReadableStream,
  without: ReadonlySet<string>,
  signal: AbortSignal,
  onStatus: (status: string) => void,
): Promise<void> {
  const args = ["-T", ...sshOptions(connection), ...destination(connection), "docker load --quiet"];
  const load = spawn("ssh", args, {
    stdio: ["pipe", "pipe", "pipe"],
    signal,
    env: { ...process.env, LC_ALL: "C" },
  });
  const loaded = ended(load);
  let told = 0;
  const tell = (sent: number) => {
    if (sent - told < 5 * MB) return;
    told = sent;
    onStatus(`sending images: ${Math.round(sent / MB)} MB`);
  };
  const passing = withoutEntries(archive, load.stdin, without, tell).then(
    () => undefined,
    (error: unknown) => {
      // The other side ended early and says why, or must not wait for what will not come.
      load.stdin.destroy();
      return error instanceof Error ? error : new Error(String(error));
    },
  );
  const [failed, { code, stderr }] = await Promise.all([passing, loaded]);
  if (code === 255) throw new SshError(connection, { code, stderr, stdout: "" });
  if (code !== 0) {
    throw new Error(`docker load on ${display(connection)}: ${stderr.trim() || `ended with ${code}`}`);
  }
  if (failed !== undefined) throw failed;
}

function ended(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  const errors: string[] = [];
  child.stderr?.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
  // What it said last is not needed.
  child.stdout?.on("error", () => {});
  return new Promise((resolve) => {
    child.on("error", (error) => errors.push(error.message));
    child.on("close", (code) => resolve({ code, stderr: errors.join("") }));
  });
}
