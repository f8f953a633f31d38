import { renderTable } from "../../lib/table.ts";
import type { ContainerUse } from "../../scripts/latency/usage.ts";

/** What an idle lab may take in all, in cores. */
export const goalCores = 0.15;

/** Lines for people: cores by container, the engine's share and the sum, beside the goal. */
export function report(used: readonly ContainerUse[], engineCores: number, seconds: number): string {
  const containers = used.reduce((sum, { cores }) => sum + cores, 0);
  const total = containers + engineCores;
  const rows = [
    ...used.map(({ name, cores }) => [name, perSecond(cores)]),
    ["all containers", perSecond(containers)],
    ["Docker's engine", perSecond(engineCores)],
    ["the whole lab", perSecond(total)],
  ];
  const ratio = (total / goalCores).toFixed(2);
  return [
    renderTable([`at rest, ${seconds} s`, "ms of processor time a second"], rows),
    "",
    `The lab takes ${total.toFixed(3)} cores; the goal is at most ${goalCores}: ${ratio} of the goal.`,
  ].join("\n");
}

function perSecond(cores: number): string {
  return (cores * 1000).toFixed(1);
}
