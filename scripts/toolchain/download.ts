import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseChecksums } from "./checksums.ts";
import { ToolchainError } from "./errors.ts";

const ANSWER_MS = 10_000;
const STALL_MS = 30_000;

/**
 * The SHA-256 of `name` in a checksum file of lines `<64 hex digits>  <name>`, as sha256sum writes them.
 * @throws ToolchainError when the file does not list it
 */
export function checksumOf(checksums: string, name: string): string {
  const sum = parseChecksums(checksums).get(name);
  if (sum !== undefined) return sum;
  throw new ToolchainError(
    `the checksum file does not list ${name}`,
    "check the version and the download address",
  );
}

/** Fetches a small text. @throws ToolchainError when it is not there or no answer comes within 10 s */
export async function downloadText(url: string): Promise<string> {
  const response = await answer(url, AbortSignal.timeout(ANSWER_MS));
  return response.text();
}

/**
 * Fetches `url` into `file` and compares its SHA-256 with the one expected, in lower-case hexadecimal. Gives up when no answer comes
 * within 10 s or the data stop for 30 s; a slow but moving download may take as long as it needs.
 */
export async function downloadVerified(url: string, file: string, sha256: string): Promise<void> {
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(), ANSWER_MS);
  const hash = createHash("sha256");
  const watch = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(), STALL_MS);
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    const response = await answer(url, stalled.signal);
    if (response.body === null) throw unreachable(url, "the answer is empty");
    await pipeline(response.body, watch, createWriteStream(file), { signal: stalled.signal });
  } catch (error) {
    if (stalled.signal.aborted) throw unreachable(url, "no data came any more");
    throw error;
  } finally {
    clearTimeout(timer);
  }
  const found = hash.digest("hex");
  if (found === sha256) return;
  throw new ToolchainError(
    `${url} is damaged: its SHA-256 is ${found}, expected ${sha256}`,
    "run the same command again; if it stays so, something between here and the server changes the file",
  );
}

async function answer(url: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, { signal }).catch((error: Error) => {
    const cause = error.cause instanceof Error ? error.cause.message : error.message;
    throw unreachable(url, cause);
  });
  if (!response.ok) throw unreachable(url, `HTTP ${response.status}`);
  return response;
}

function unreachable(url: string, why: string): ToolchainError {
  return new ToolchainError(
    `cannot download ${url}: ${why}`,
    "connect to the internet, or set the proxy (HTTPS_PROXY)",
  );
}
