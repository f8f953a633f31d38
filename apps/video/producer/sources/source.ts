import { z } from "zod";
import { holdsSecret, needsPassword } from "../../../common/address.ts";

/** One picture of a camera, file or folder. */
export interface CapturedFrame {
  /** One whole JPEG. */
  readonly jpeg: Buffer;
  /** When the picture was complete here: µs since the epoch, on this process's clock. */
  readonly capturedUs: number;
  readonly width: number;
  readonly height: number;
}

export type OnFrame = (frame: CapturedFrame) => void | Promise<void>;
/** Told why a truncated or garbage picture was skipped. */
export type OnBad = (reason: string) => void;

export interface Source {
  /** Frames a second as FFmpeg writes them, `30000/1001`, once known; only files and folders have a rate. */
  readonly rate?: string | undefined;
  /** Whether the end of the source is meant: a file or folder that is played once. */
  readonly ends: boolean;
  /**
   * One connection. A source that can be paused waits for what `onFrame` returns; a live one never does, so that there
   * `onFrame` must not fail.
   * @returns when the source has ended by itself
   * @throws when it failed; the signal's reason when aborted
   */
  run(signal: AbortSignal, onFrame: OnFrame, onBad: OnBad): Promise<void>;
}

const path = z.string().min(1, "must be a path").startsWith("/", "must be an absolute path");

const withoutSecrets = (url: string): boolean => !holdsSecret(url);
const secretsMessage =
  "must have no user or password in it: set user and passwordFile, and write {password} for one in the query";
const credentials = { user: z.string().min(1).optional(), passwordFile: path.optional() };

interface Login {
  readonly url: string;
  readonly user?: string | undefined;
  readonly passwordFile?: string | undefined;
}
const passwordIsUsed = ({ url, user, passwordFile }: Login) =>
  (passwordFile !== undefined) === (user !== undefined || needsPassword(url));
const usedMessage = {
  error: "user and passwordFile go together, and {password} in url and passwordFile",
  path: ["passwordFile"],
};

const mjpegSpec = z
  .strictObject({
    type: z.literal("mjpeg"),
    url: z
      .url({ protocol: /^https?$/, error: "must be an http:// or https:// address" })
      .refine(withoutSecrets, secretsMessage),
    ...credentials,
  })
  .refine(passwordIsUsed, usedMessage);

const ffmpegSpec = z
  .strictObject({
    type: z.literal("ffmpeg"),
    /** What stands after `-i`. */
    url: z
      .string()
      .regex(/^[^-]/, "must be what FFmpeg takes after -i")
      .regex(/^[^\n\r]*$/, "must be one line")
      .refine(withoutSecrets, secretsMessage),
    /** FFmpeg's options for this input, such as `["-f", "v4l2"]`. */
    options: z.array(z.string().min(1)).optional(),
    ...credentials,
  })
  .refine(passwordIsUsed, usedMessage)
  .refine(({ url, user }) => user === undefined || URL.canParse(url), {
    error: "must be an address such as rtsp://camera/stream for user and passwordFile to have a place",
    path: ["url"],
  });

const fileSpec = z.strictObject({
  type: z.literal("file"),
  path,
  /** Starts again at the end, for ever. */
  loop: z.boolean(),
  /** `own`: at the rate of the file; `full`: as fast as frames are taken. */
  pace: z.enum(["own", "full"]),
});

const folderSpec = z.strictObject({
  type: z.literal("folder"),
  path,
  fps: z.number().min(0.001).max(1000),
  loop: z.boolean(),
});

/** Where a camera's frames come from. */
export const sourceSpec = z.discriminatedUnion("type", [mjpegSpec, ffmpegSpec, fileSpec, folderSpec]);
export type SourceSpec = z.infer<typeof sourceSpec>;
export type Credentials = Pick<z.infer<typeof mjpegSpec>, "user" | "passwordFile">;
