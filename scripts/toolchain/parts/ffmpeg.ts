import { type Context, type Healthy, healthy, type Missing, missing, type Part } from "../part.ts";
import { attempt, which } from "../run.ts";
import { formatVersion, isAtLeast, parseVersion } from "../versions.ts";

/** Debian 12's; older ones know some options under other names. */
const OLDEST = "5.1";
const PACKAGES = ["ffmpeg"];

/** FFmpeg on this machine, which only tests need: the apps have theirs in their images. */
export const ffmpegPart: Part = {
  name: "ffmpeg",
  needs: [],
  find: findFfmpeg,
  packages: async () => PACKAGES,
  get: (context) => context.apt.install(PACKAGES),
};

async function findFfmpeg({ env }: Context): Promise<Healthy | Missing> {
  const path = env.PATH ?? "";
  const found = await Promise.all(["ffmpeg", "ffprobe"].map((name) => which(name, path)));
  if (found.includes(undefined)) return missing("ffmpeg and ffprobe are not on PATH");
  const { stdout } = await attempt("ffmpeg", ["-version"], { env });
  const version = parseVersion(stdout.split("\n")[0] ?? "");
  if (version === undefined) return healthy("unknown", "on PATH");
  if (!isAtLeast(formatVersion(version), OLDEST)) {
    return missing(
      `ffmpeg ${formatVersion(version)} is older than ${OLDEST}`,
      `put FFmpeg ${OLDEST} or later on PATH`,
    );
  }
  return healthy(formatVersion(version), "on PATH");
}
