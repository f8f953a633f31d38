import { existsSync, readFileSync } from "node:fs";
import { join, matchesGlob, relative, resolve } from "node:path";

/**
 * The Dockerfile that the official provider builds with (prepareBuildContext in resource_docker_image_funcs.go): it is
 * looked for from the working directory; only when there is none, the engine gets the text as it is and looks in the
 * context. In the context, its .dockerignore must let it through by the name that was given.
 *
 * @returns a path from the working directory
 * @throws when there is no such file, or the provider would not send it
 */
export function dockerfileOf(context: string, given = "Dockerfile"): string {
  const found = existsSync(given) ? given : join(context, given);
  if (!existsSync(found)) {
    throw new Error(
      `there is no Dockerfile ${given}, neither in the working directory (${process.cwd()}) nor in the build context ${context}`,
    );
  }
  const inContext = relative(resolve(context), resolve(found));
  const ignoreFile = join(context, ".dockerignore");
  if (inContext.startsWith("..") || !existsSync(ignoreFile)) return found;
  if (isIgnored(readFileSync(ignoreFile, "utf8"), inContext) && inContext !== given) {
    throw new Error(
      `${ignoreFile} leaves out ${inContext}, and the official provider then does not find it\n` +
        `  fix: add the line !${inContext} to ${ignoreFile}`,
    );
  }
  return found;
}

/** The last line of a .dockerignore that matches a path, or a folder above it, decides. */
export function isIgnored(ignore: string, path: string): boolean {
  const parts = path.split("/");
  const paths = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  const patterns = ignore
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  return patterns.reduce((ignored, pattern) => {
    const exception = pattern.startsWith("!");
    const glob = pattern.replace(/^!/, "").replace(/^\/|\/$/g, "");
    return paths.some((each) => matchesGlob(each, glob)) ? !exception : ignored;
  }, false);
}
