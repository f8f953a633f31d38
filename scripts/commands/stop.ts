import { formatSeconds } from "../../lib/table.ts";
import { docker, type LabContainer } from "../lab/docker.ts";
import { onEveryHost } from "../lab/every-host.ts";
import { labOutputs } from "../lab/queries.ts";
import { stackArguments } from "../stack/arguments.ts";
import { targetOf } from "../stack/config.ts";
import { containerName } from "../stack/stack.ts";
import { createContext } from "../toolchain/context.ts";
import { environment } from "../toolchain/environment.ts";
import { runMain } from "../toolchain/errors.ts";

const USAGE = `./scripts/stop [stack]
            stops everything at once and keeps all data; ./scripts/start goes on with them`;
/**
 * What each may take before it is killed. Apps lose nothing that was acknowledged to that, and brokers, stores and what
 * coordinates Kafka nothing that they have acknowledged; all of it together stays under half a minute.
 */
const appSeconds = 8;
const coreSeconds = 12;
/** Of what coordinates Kafka, with the stores, once the brokers have told it that they go. */
const coordinatorSeconds = 8;

await runMain(async () => {
  const started = performance.now();
  const { stack } = stackArguments(process.argv.slice(2), {}, USAGE);
  const context = createContext();
  const pulumi = await environment(context, await targetOf(context.root, stack));
  const { startOrder, coreStages } = await labOutputs(pulumi, context.root, stack);
  const core = startOrder.slice(0, coreStages);
  const named = (services: readonly string[]) =>
    new Set(services.map((service) => containerName(stack, service)));
  const last = named(core.flat());
  const stop = (what: string, which: (name: string) => boolean, seconds: number) =>
    context.progress.step(`stopping ${what}`, () =>
      onEveryHost(context, pulumi, stack, (containers) =>
        stopped(
          containers.filter(({ name }) => which(name)),
          seconds,
        ),
      ),
    );
  const names = [...(await stop("apps", (name) => !last.has(name), appSeconds))];
  // A broker hands its partitions over before it ends, which takes those that coordinate it.
  for (const [left, services] of core.toReversed().entries()) {
    const those = named(services);
    names.push(
      ...(await stop(
        services.join(", "),
        (name) => those.has(name),
        left === 0 ? coreSeconds : coordinatorSeconds,
      )),
    );
  }
  const elapsed = formatSeconds((performance.now() - started) / 1000);
  const done =
    names.length === 0
      ? "Nothing of the lab was running"
      : `Stopped ${names.length} containers in ${elapsed}`;
  process.stdout.write(`${done}; all data are kept.\n  go on with: ./scripts/start ${stack}\n`);
  return 0;
});

/** @returns names of those that were running */
async function stopped(containers: readonly LabContainer[], seconds: number): Promise<string[]> {
  const running = containers.filter(({ state }) => state !== "exited" && state !== "created");
  const [first] = running;
  if (first === undefined) return [];
  const names = running.map(({ name }) => name);
  await docker(first.engine.env, "container", "stop", "--time", String(seconds), ...names);
  return names;
}
