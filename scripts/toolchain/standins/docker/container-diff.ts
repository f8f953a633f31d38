import { diffDrift, diffInputs, type Effect } from "../../../../lib/provider/diff.ts";
import { asGiven } from "./check.ts";
import type { ContainerInputs } from "./container-inputs.ts";
import type { ContainerOutputs } from "./container-read.ts";

/**
 * What is not `ForceNew` in resource_docker_container.go. Only restart, memory, memorySwap and a mustRun that was found
 * false do something to the container; of the others the provider only takes note, so that the program has to ask for
 * a replacement where it wants one.
 */
const IN_PLACE = new Set([
  "cpuPeriod",
  "cpuQuota",
  "destroyGraceSeconds",
  "healthcheck",
  "init",
  "memory",
  "memorySwap",
  "mustRun",
  "restart",
  "tmpfs",
  "wait",
  "waitTimeout",
]);

/** `TypeSet` there: their order means nothing. */
const SETS = new Set(["envs", "labels", "networksAdvanced", "securityOpts", "uploads", "volumes"]);

/** What resourceDockerContainerRead sets from the engine, of the properties that are covered. */
const READ_BACK = [
  "capabilities",
  "command",
  "healthcheck",
  "hostname",
  "image",
  "init",
  "logDriver",
  "logOpts",
  "memory",
  "memorySwap",
  "mustRun",
  "name",
  "networkMode",
  "ports",
  "readOnly",
  "restart",
  "securityOpts",
  "stopTimeout",
  "tmpfs",
  "user",
];

const effect = (property: string): Effect => (IN_PLACE.has(property) ? "update" : "replace");

/** What an update from `olds` to `news` would change, drift found by the last refresh included. */
export function containerChanges(
  olds: { inputs: ContainerInputs; outputs: ContainerOutputs },
  news: ContainerInputs,
): Record<string, Effect> {
  // A creation that failed has read nothing back; what is computed is then new, and forces a replacement.
  const failed = olds.outputs.networkDatas === undefined ? { entrypoints: "replace" as const } : {};
  const wanted = { mustRun: true, ...asRead(news) };
  const found = unordered(olds.outputs);
  // An image may be unknown in a preview, or given by a name that is no id: neither compares with what runs.
  const comparable = READ_BACK.filter((name) => name !== "image" || String(news.image).startsWith("sha256:"));
  return {
    ...failed,
    ...diffDrift(found, wanted, comparable, effect),
    ...diffInputs(unordered(asGiven(olds.inputs)), unordered(news), effect),
  };
}

/** Inputs in the form in which the provider reads them back, its defaults filled in. */
export function asRead(news: ContainerInputs): Record<string, unknown> {
  const { healthcheck, capabilities, ports } = news;
  const times = { interval: "0s", timeout: "0s", startPeriod: "0s", startInterval: "0s", retries: 0 };
  return unordered({
    ...news,
    ...(healthcheck instanceof Object ? { healthcheck: { ...times, ...healthcheck } } : {}),
    ...(capabilities instanceof Object ? { capabilities: { adds: [], drops: [], ...capabilities } } : {}),
    ...(Array.isArray(ports)
      ? { ports: ports.map((port) => ({ ip: "0.0.0.0", protocol: "tcp", ...port })) }
      : {}),
  });
}

function unordered(properties: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      name,
      SETS.has(name) && Array.isArray(value) ? value.toSorted(byText) : value,
    ]),
  );
}

function byText(a: unknown, b: unknown): number {
  const [x, y] = [JSON.stringify(a), JSON.stringify(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}
