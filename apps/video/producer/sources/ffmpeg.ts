import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { toFrame } from "./frame.ts";
import { JpegSplitter } from "./jpeg-splitter.ts";
import type { OnBad, OnFrame } from "./source.ts";

/** Lines of FFmpeg's complaints that an error quotes. */
const stderrLines = 5;

/** Where FFmpeg is, and how it is ended; tests set these. */
export interface FfmpegTools {
  readonly ffmpeg: string;
  readonly ffprobe: string;
  /** From SIGTERM to SIGKILL, ms. */
  readonly killAfterMs: number;
}

export const defaultTools: FfmpegTools = { ffmpeg: "ffmpeg", ffprobe: "ffprobe", killAfterMs: 2000 };

export interface ProcessOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** What is written to its standard input. */
  readonly stdin?: string | undefined;
  readonly killAfterMs: number;
  readonly signal: AbortSignal;
  /** Takes secrets out of what the program complains about. */
  readonly redact?: ((text: string) => string) | undefined;
}

/**
 * Runs FFmpeg or ffprobe, without a shell, and hands on what it writes to its standard output. While `onChunk` takes its
 * time nothing more is read, so that FFmpeg waits in turn.
 * @throws with its last complaints when it fails; the signal's reason when aborted; what `onChunk` throws. It has always
 *   ended by then: after SIGTERM it is given `killAfterMs`, then SIGKILL.
 */
export async function runProcess(
  { program, args, stdin, killAfterMs, signal, redact = (text) => text }: ProcessOptions,
  onChunk: (chunk: Buffer) => void | Promise<void>,
): Promise<void> {
  signal.throwIfAborted();
  const child = spawn(program, args, { stdio: "pipe" });
  const closed = exitOf(child, program);
  // It is awaited below, once the output has ended; a failure before then must not count as one that nobody heeds.
  closed.catch(() => undefined);
  const stop = () => terminate(child, killAfterMs);
  signal.addEventListener("abort", stop, { once: true });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints = (complaints + text).slice(-4000);
  });
  // It may end before it has read its input; how it ended says more than the broken pipe.
  child.stdin.on("error", () => undefined).end(stdin ?? "");
  try {
    for await (const chunk of child.stdout) await onChunk(chunk);
    const outcome = await closed;
    signal.throwIfAborted();
    if (outcome === "code 0") return;
    const last = complaints.trim().split("\n").slice(-stderrLines).join("; ");
    throw new Error(`${program} ended with ${outcome}: ${redact(last) || "it gave no reason"}`);
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
    await closed.catch(() => undefined);
  }
}

/** @returns how the process ended, once its output is closed too. @throws when it could not be started */
async function exitOf(child: ChildProcessWithoutNullStreams, program: string): Promise<string> {
  try {
    const [code, killedBy]: [number | null, NodeJS.Signals | null] = (await once(child, "close")) as never;
    return code === null ? `signal ${killedBy}` : `code ${code}`;
  } catch (error) {
    throw new Error(
      `${program} cannot be started (${(error as NodeJS.ErrnoException).code}); install FFmpeg`,
      {
        cause: error,
      },
    );
  }
}

/** Ends a process that may be stuck: SIGTERM, then SIGKILL, which nothing can ignore. */
function terminate(child: ChildProcessWithoutNullStreams, killAfterMs: number): void {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  // Output that nobody reads any more would keep the process from being seen as ended.
  child.stdout.resume();
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  child.once("close", () => clearTimeout(timer));
}

/** Runs FFmpeg with JPEGs coming out of its standard output, and hands them on, waiting for what `onFrame` returns. */
export async function readJpegs(options: ProcessOptions, onFrame: OnFrame, onBad: OnBad): Promise<void> {
  const splitter = new JpegSplitter(onBad);
  await runProcess(options, async (chunk) => {
    for (const jpeg of splitter.push(chunk)) {
      options.signal.throwIfAborted();
      const frame = toFrame(jpeg);
      if (typeof frame === "string") onBad(frame);
      else await onFrame(frame);
    }
  });
  splitter.end();
}
