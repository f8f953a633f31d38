import { explain } from "../../infra/ssh/explain.ts";
import { runScript } from "../../infra/ssh/run.ts";
import type { PulumiEnvironment } from "./environment.ts";
import { labOutputs } from "./lab-queries.ts";
import type { Context } from "./part.ts";

const answerMs = 15_000;

/**
 * Whether every machine of the last deployment answers, so that it can be asked what is on it. Says which do not.
 */
export async function allAnswer(
  context: Context,
  pulumi: PulumiEnvironment,
  stack: string,
): Promise<boolean> {
  const { forwards } = await labOutputs(pulumi, context.root, stack);
  const silent = await Promise.all(
    forwards.map(async ({ host, connection }) => {
      const result = await runScript(connection, "exec true", { timeoutMs: answerMs });
      return result.code === 0 ? undefined : `  ${host}: ${explain(connection, result).reason}`;
    }),
  );
  const lines = silent.filter((line) => line !== undefined);
  if (lines.length === 0) return true;
  context.progress.say(
    [
      "not asked what is there, as some hosts do not answer:",
      ...lines,
      "  bring them back, or take them out of the config (ssh.hosts, placement): their services then go elsewhere",
    ].join("\n"),
  );
  return false;
}
