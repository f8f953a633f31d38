import { setTimeout as after } from "node:timers/promises";
import { openForward } from "../../lib/ssh/forward.ts";
import { SshError } from "../../lib/ssh/run.ts";
import { renderTable } from "../../lib/table.ts";
import { portSpecs } from "../lab/access.ts";
import type { HostForwards } from "../lab/host-forwards.ts";
import { OpenTunnels } from "../lab/open-tunnels.ts";
import { labOutputs } from "../lab/queries.ts";
import { forgetTunnel, noteTunnel, toldTunnel, tunnelOf } from "../lab/tunnel-note.ts";
import { stackArguments } from "../stack/arguments.ts";
import { targetOf } from "../stack/config.ts";
import { createContext } from "../toolchain/context.ts";
import { environment } from "../toolchain/environment.ts";
import { runMain, ToolchainError } from "../toolchain/errors.ts";

const openMs = 30_000;
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

await runMain(async () => {
  const { stack } = stackArguments(process.argv.slice(2), {}, "./scripts/tunnel [stack]");
  const context = createContext();
  const pulumi = await environment(context, await targetOf(context.root, stack));
  const { forwards } = await labOutputs(pulumi, context.root, stack);
  if (forwards.length === 0) {
    throw new ToolchainError(
      `the lab ${stack} is on this machine, and its ports are open here without a tunnel`,
      `./scripts/pulumi stack output --stack ${stack}`,
    );
  }
  if ((await tunnelOf(context.project, stack)).size > 0) {
    throw new ToolchainError(`a tunnel of ${stack} is open already`, "use it, or end it with Ctrl-C first");
  }
  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => ending.abort());
  const note = (hosts: readonly HostForwards[]) =>
    noteTunnel(
      context.project,
      stack,
      hosts.flatMap((host) => host.forwards.map(({ port }) => port)),
    );
  await note(forwards);
  const tunnels = new OpenTunnels(keepOpen);
  const follow = async () => {
    for await (const now of toldTunnel(context.project, stack, ending.signal)) {
      await note(now);
      process.stdout.write(`\nthe lab has changed:\n${describe(now)}\n`);
      await tunnels.follow(now);
    }
  };
  try {
    process.stdout.write(`${describe(forwards)}\n\nCtrl-C ends it.\n`);
    await tunnels.follow(forwards);
    await Promise.race([follow(), tunnels.failed]);
  } finally {
    ending.abort();
    await tunnels.follow([]);
    await forgetTunnel(context.project, stack);
  }
  return 0;
});

function describe(forwards: readonly HostForwards[]): string {
  const rows = forwards.flatMap(({ host, forwards: own }) =>
    own.map(({ service, port, address, remotePort }) => [
      service,
      `127.0.0.1:${port}`,
      `${address}:${remotePort} of ${host}`,
    ]),
  );
  return renderTable(["service", "here", "there"], rows);
}

/** Holds the connection to one host, and makes it anew when it breaks. @throws what trying again would not mend */
async function keepOpen(host: HostForwards, signal: AbortSignal): Promise<void> {
  const specs = portSpecs(host);
  if (specs.length === 0) return;
  const ended = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  for (let pause = firstPauseMs; !signal.aborted; pause = Math.min(longestPauseMs, pause * 2)) {
    try {
      const forward = await openForward(host.connection, specs, { timeoutMs: openMs, signal });
      process.stdout.write(`${host.host} is connected\n`);
      pause = firstPauseMs;
      await Promise.race([ended, forward.failed]).finally(() => forward.close());
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof SshError) || !error.transient) throw error;
      process.stdout.write(`${host.host} is not connected, trying again: ${error.message}\n`);
    }
    // Spread, so that many do not come back at once.
    await after(pause * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
  }
}
