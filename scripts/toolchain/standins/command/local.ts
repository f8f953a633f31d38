import { watched } from "./child.ts";
import type { Run } from "./command.ts";
import type { LocalInputs } from "./inputs.ts";

/** Runs it by this machine's shell, in the folder and environment of the provider. */
export const runLocally: Run<LocalInputs> = async (command, { stdin }, { signal }, onLine) => {
  const { code, signalName, ...said } = await watched("/bin/sh", ["-c", command], { stdin, signal, onLine });
  const failure = code === null ? `signal: ${signalName}` : code === 0 ? undefined : `exit status ${code}`;
  return { failure, ...said };
};
