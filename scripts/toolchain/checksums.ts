import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { ToolchainError } from "./errors.ts";

/** SHA-256 by name, of lines `<64 hex digits>  <name>` as sha256sum writes them; other lines are passed over. */
export function parseChecksums(text: string): Map<string, string> {
  const lines = text.split("\n").map((line) => /^([0-9a-f]{64})\s+\*?(.+)$/i.exec(line.trim()));
  return new Map(lines.flatMap((match) => (match?.[2] ? [[match[2], (match[1] ?? "").toLowerCase()]] : [])));
}

/** SHA-256 of a file in lower-case hexadecimal; undefined when it is not there. */
export async function sha256Of(file: string): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(file), hash);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  return hash.digest("hex");
}

export interface Pinned {
  /** What is to be had: names, and SHA-256 by them. */
  readonly expected: ReadonlyMap<string, string>;
  /** What was had: where each file is, by name. */
  readonly files: ReadonlyMap<string, string>;
  /** The list in the repository, for people. */
  readonly list: string;
  readonly fix: string;
}

/**
 * Compares files with what the repository says that they are: these files, no other one, and every byte.
 * @throws ToolchainError that names what differs
 */
export async function verifyPinned({ expected, files, list, fix }: Pinned): Promise<void> {
  const found = await Promise.all(
    [...files].map(async ([name, file]): Promise<string[]> => {
      const sum = await sha256Of(file);
      const wanted = expected.get(name);
      if (wanted === undefined) return [`${name} is not in the list (its SHA-256 is ${sum})`];
      return sum === wanted ? [] : [`${name} has SHA-256 ${sum}, expected ${wanted}`];
    }),
  );
  const missing = [...expected.keys()].filter((name) => !files.has(name)).map((name) => `${name} is missing`);
  const problems = [...found.flat(), ...missing];
  if (problems.length > 0) {
    throw new ToolchainError(`not what ${list} says: ${problems.join("; ")}; nothing of it is used`, fix);
  }
}
