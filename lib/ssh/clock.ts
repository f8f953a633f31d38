import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { destination, sshOptions } from "./arguments.ts";
import type { Connection } from "./connection.ts";
import { SshError } from "./run.ts";

/** How far a machine's clock is ahead of this one's, and by how much that may be wrong; ms. */
export interface ClockOffset {
  readonly offsetMs: number;
  readonly uncertaintyMs: number;
}

/** One exchange: sent and received by our clock, answered by the other one; ms since the epoch. */
export interface Exchange {
  readonly sentMs: number;
  readonly answeredMs: number;
  readonly receivedMs: number;
}

const exchanges = 20;

/**
 * The offset that the exchange with the shortest round trip tells: its answer was given somewhere between sending and
 * receiving, so the middle is wrong by half the round trip at most. It is NTP's formula (RFC 5905, section 8) for an
 * answer that takes no time.
 */
export function offsetOf(all: readonly Exchange[]): ClockOffset {
  const [best] = all.toSorted((a, b) => a.receivedMs - a.sentMs - (b.receivedMs - b.sentMs));
  if (best === undefined) throw new Error("an offset needs one exchange at least");
  const { sentMs, answeredMs, receivedMs } = best;
  return { offsetMs: answeredMs - (sentMs + receivedMs) / 2, uncertaintyMs: (receivedMs - sentMs) / 2 };
}

/** Compares a machine's clock with this one's, over one connection. @throws SshError when it cannot be reached */
export async function clockOffset(
  connection: Connection,
  { timeoutMs }: { timeoutMs: number },
): Promise<ClockOffset> {
  const command = "bash -c 'while read -r _; do date +%s%N; done'";
  const child = spawn("ssh", ["-T", ...sshOptions(connection), ...destination(connection), command], {
    signal: AbortSignal.timeout(timeoutMs),
    env: { ...process.env, LC_ALL: "C" },
  });
  const errors: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
  child.stdin.on("error", () => {});
  child.on("error", (error) => errors.push(error.message));
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  const all: Exchange[] = [];
  let sentMs = preciseNow();
  child.stdin.write("\n");
  for await (const line of createInterface({ input: child.stdout })) {
    all.push({ sentMs, answeredMs: Number(line) / 1e6, receivedMs: preciseNow() });
    if (all.length === exchanges) break;
    sentMs = preciseNow();
    child.stdin.write("\n");
  }
  child.stdin.end();
  if (all.length > 0) return offsetOf(all);
  throw new SshError(connection, { code: await code, stdout: "", stderr: errors.join("") });
}

/** Milliseconds since the epoch with their fractions, unlike Date.preciseNow(), by a clock that is never set. */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}
