import { openAccess } from "../lab/access.ts";
import { describeDetections, readDetections } from "../lab/detections.ts";
import { labOutputs } from "../lab/queries.ts";
import { stackArguments } from "../stack/arguments.ts";
import { targetOf } from "../stack/config.ts";
import { createContext } from "../toolchain/context.ts";
import { environment } from "../toolchain/environment.ts";
import { runMain, ToolchainError } from "../toolchain/errors.ts";

const USAGE = `./scripts/scores [stack]
            how well the alerters of the sensors pipeline find the anomalies that its simulator puts into readings`;

await runMain(async () => {
  const { stack } = stackArguments(process.argv.slice(2), {}, USAGE);
  const context = createContext();
  const pulumi = await environment(context, await targetOf(context.root, stack));
  const outputs = await labOutputs(pulumi, context.root, stack);
  const { sensorAlerterUrls: urls } = outputs;
  if (!Array.isArray(urls) || urls.length === 0) {
    throw new ToolchainError(
      `the lab ${stack} has no alerters`,
      `./scripts/pulumi config set sensors.enabled true --stack ${stack} && ./scripts/up ${stack}`,
    );
  }
  const access = await openAccess({ env: pulumi.env, project: context.project, stack }, outputs);
  try {
    const texts = await Promise.all(urls.map((url) => metricsOf(String(url), stack)));
    process.stdout.write(`${describeDetections(readDetections(texts))}\n`);
  } finally {
    await access.close();
  }
  return 0;
});

/** @throws ToolchainError when the alerter does not answer */
async function metricsOf(url: string, stack: string): Promise<string> {
  const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5000) }).catch(
    (cause: unknown) => {
      throw new ToolchainError(`${url} does not answer (${String(cause)})`, `./scripts/up ${stack}`);
    },
  );
  return answer.text();
}
