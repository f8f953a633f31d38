import { withoutSecrets, withPassword } from "../../../common/address.ts";
import { maxPixels } from "../../../media/jpeg.ts";
import { defaultTools, type FfmpegTools, readJpegs } from "./ffmpeg.ts";
import { probeVideo } from "./ffprobe.ts";
import { readCredentials } from "./secret.ts";
import type { Credentials, OnBad, OnFrame, Source } from "./source.ts";

/** After this long without a byte a connection counts as dead: FFmpeg's unit, µs. */
const ioTimeoutUs = "10000000";
/** What FFmpeg may open when it is told of the address in a list on its standard input. */
const protocols =
  "pipe,file,crypto,data,tcp,udp,tls,rtp,srtp,rtsp,rtsps,rtmp,rtmps,http,https,httpproxy,hls,srt";
/** Quality of the JPEGs that FFmpeg makes where the input has none, from 2 (best) to 31. */
const quality = "2";

export interface FfmpegSpec extends Credentials {
  readonly url: string;
  readonly options?: readonly string[] | undefined;
}

/** Anything live that FFmpeg reads: RTSP, RTMP, HLS, capture devices. JPEGs in it are passed on as they are. */
export class FfmpegSource implements Source {
  readonly ends = false;
  readonly #spec: FfmpegSpec;
  readonly #tools: FfmpegTools;

  constructor(spec: FfmpegSpec, tools = defaultTools) {
    this.#spec = spec;
    this.#tools = tools;
  }

  async run(signal: AbortSignal, onFrame: OnFrame, onBad: OnBad): Promise<void> {
    const { options = [] } = this.#spec;
    const { args, stdin, redact } = await describeInput(this.#spec);
    const { ffmpeg, ffprobe, killAfterMs } = this.#tools;
    const common = { stdin, redact, killAfterMs, signal };
    const bounded = ["-max_pixels", String(maxPixels), ...args];
    const { codec } = await probeVideo([...probeOptions(options), ...bounded], {
      ...common,
      program: ffprobe,
    });
    const input = [...options, "-fflags", "nobuffer", ...bounded];
    const live: OnFrame = (frame) => {
      // A camera does not wait: what cannot be taken in time is dropped by whoever takes it.
      void onFrame(frame);
    };
    await readJpegs({ ...common, program: ffmpeg, args: [...jpegArgs(input, codec)] }, live, onBad);
  }
}

/**
 * FFmpeg's arguments to turn the first video stream of an input into JPEGs on its standard output, each frame once:
 * none is repeated or left out for the sake of a constant rate.
 */
export function jpegArgs(input: readonly string[], codec: string): string[] {
  const encoder = codec === "mjpeg" ? ["-c:v", "copy"] : ["-c:v", "mjpeg", "-q:v", quality];
  const output = ["-map", "0:v:0", "-fps_mode", "passthrough", ...encoder, "-f", "image2pipe", "pipe:1"];
  return ["-hide_banner", "-loglevel", "error", "-nostats", ...input, ...output];
}

/** ffprobe takes the options of an input, save for those about the pace at which FFmpeg reads. */
function probeOptions(options: readonly string[]): string[] {
  return options.filter((option, index) => {
    const before = options[index - 1];
    return option !== "-re" && ![option, before].some((o) => o === "-stream_loop" || o === "-readrate");
  });
}

interface Input {
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly redact: (text: string) => string;
}

/**
 * An address with a password goes to FFmpeg in a list (ffconcat) on its standard input, since every user of the machine
 * can read command lines.
 */
async function describeInput({ url, ...credentials }: FfmpegSpec): Promise<Input> {
  const known = await readCredentials(credentials);
  const limits = timeoutOptions(url);
  if (known === undefined) return { args: [...limits.flat(), "-i", url], redact: withoutSecrets };
  const password = encodeURIComponent(known.password);
  const address = addressed(url, known);
  const lines = ["ffconcat version 1.0", `file '${address.replaceAll("'", "'\\''")}'`];
  const options = limits.map(([name, value]) => `option ${name.slice(1)} ${value}`);
  const list = ["-f", "concat", "-safe", "0", "-protocol_whitelist", protocols];
  return {
    args: [...list, "-i", "pipe:0"],
    stdin: `${[...lines, ...options].join("\n")}\n`,
    redact: (text) => withoutSecrets(text).replaceAll(password, "***").replaceAll(known.password, "***"),
  };
}

/** The address as FFmpeg takes it, with its user, and with its password wherever it belongs. */
function addressed(url: string, { user, password }: { user: string | undefined; password: string }): string {
  const address = withPassword(url, password);
  if (user === undefined) return address;
  const whole = new URL(address);
  whole.username = encodeURIComponent(user);
  whole.password = encodeURIComponent(password);
  return whole.href;
}

/** RTSP over TCP, as lost packets of UDP are broken pictures; and no protocol waits for ever. */
function timeoutOptions(url: string): [string, string][] {
  if (/^rtsps?:/i.test(url)) {
    return [
      ["-rtsp_transport", "tcp"],
      ["-timeout", ioTimeoutUs],
    ];
  }
  return /^https?:|^tcp:|^rtmp:/i.test(url) ? [["-rw_timeout", ioTimeoutUs]] : [];
}
