import { readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import ts from "typescript";
import { attempt } from "../toolchain/run.ts";

/** One file imports another, both as paths from the root of the checkout. Imports of types count as well. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

/** The relative imports of every TypeScript file that git knows or would add. */
export async function readImports(root: string): Promise<Import[]> {
  const listed = await attempt("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts"], {
    cwd: root,
  });
  if (listed.failed) throw new Error(`git cannot list the files: ${listed.stderr}`);
  const files = listed.stdout.split("\n");
  const all = await Promise.all(files.map(async (file) => importsOf(file, await textOf(join(root, file)))));
  return all.flat();
}

/** The relative imports in a file's text, dynamic ones among them. */
export function importsOf(file: string, text: string): Import[] {
  return ts
    .preProcessFile(text)
    .importedFiles.filter(({ fileName }) => fileName.startsWith("."))
    .map(({ fileName }) => ({ from: file, to: normalize(join(dirname(file), fileName)) }));
}

/** The first circle that is found, as the places on it in the order of import; undefined when there is none. */
export function circle(imports: readonly Import[], place: (file: string) => string): string[] | undefined {
  const next = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const [a, b] = [place(from), place(to)];
    if (a !== b) next.set(a, (next.get(a) ?? new Set()).add(b));
  }
  const done = new Set<string>();
  const walk = (at: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(at)) return [...path.slice(path.indexOf(at)), at];
    if (done.has(at)) return undefined;
    for (const to of next.get(at) ?? []) {
      const found = walk(to, [...path, at]);
      if (found !== undefined) return found;
    }
    done.add(at);
    return undefined;
  };
  for (const start of next.keys()) {
    const found = walk(start, []);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A file deleted but not yet from the index has no imports. */
function textOf(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
}
