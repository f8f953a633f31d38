import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Context } from "./part.ts";
import { output } from "./run.ts";

const FIRST_ANSWER_MS = 15_000;
const PULL_MS = 15 * 60_000;

/**
 * Pulls an image. A registry that could not be reached is not asked again for an hour.
 *
 * @returns the first 16 digits of the digest that the registry gave; undefined where it gives no such image
 */
export async function pullImage(context: Context, reference: string): Promise<string | undefined> {
  const { network, progress, env } = context;
  const place = placeOf(reference);
  if (await network.isRefused(place)) return undefined;
  if (!(await progress.step(`pulling ${reference}`, () => pullWithin(context, reference)))) {
    progress.say(`  no registry gives ${reference}`);
    await network.refuse(place);
    return undefined;
  }
  const format = "{{index .RepoDigests 0}}";
  const digest = await output("docker", ["image", "inspect", "--format", format, reference], { env });
  const hash = digest?.split("sha256:")[1]?.slice(0, 16);
  if (hash === undefined) throw new Error(`docker pulled ${reference} but tells no digest: ${digest}`);
  return hash;
}

/** The registry of a reference, as {@link Network} remembers it; Docker's own is left out in references. */
export function placeOf(reference: string): string {
  const [first = "", ...rest] = reference.split("/");
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? `image registry ${first}` : "image registry";
}

/** Gives up when the registry has not answered (a first line of output) in time: closed networks just hang. */
async function pullWithin({ env }: Context, reference: string): Promise<boolean> {
  const child = spawn("docker", ["pull", reference], {
    env: { ...env },
    stdio: ["ignore", "pipe", "ignore"],
    timeout: PULL_MS,
  });
  const silent = setTimeout(() => child.kill("SIGKILL"), FIRST_ANSWER_MS);
  createInterface({ input: child.stdout }).once("line", () => clearTimeout(silent));
  const code = await new Promise((resolve) => {
    child.once("error", () => resolve(1));
    child.once("close", resolve);
  });
  clearTimeout(silent);
  return code === 0;
}
