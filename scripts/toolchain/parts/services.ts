import { existsSync } from "node:fs";
import { type Context, logFile } from "../part.ts";
import { privileged, rights } from "../rights.ts";
import { logged } from "../run.ts";

/**
 * Installs a Debian package whose services tests start for themselves. The package would start them for everybody; where
 * there were none, none are to come with this.
 */
export async function installWithoutService(
  context: Context,
  name: string,
  units: readonly string[],
): Promise<void> {
  await systemctl(context, name, "mask", "--runtime", ...units);
  await context.apt.install([name]);
  await systemctl(context, name, "disable", ...units);
  await systemctl(context, name, "unmask", "--runtime", ...units);
}

/** Does nothing on a machine that systemd does not run. */
async function systemctl(context: Context, name: string, ...args: string[]): Promise<void> {
  if (!existsSync("/run/systemd/system")) return;
  const [file, rest] = privileged(await rights(), ["systemctl", ...args]);
  await logged(logFile(context, name), file, rest, {
    env: context.env,
    fix: `apt-get install ${name}, and \`systemctl disable --now ${name}\` if it is not to run`,
  });
}
