import type { LabContainer } from "./docker.ts";

/** Lines of a health check that are shown: a stack trace follows the first ones. */
const CHECK_LINES = 5;
const LAST_LINES = 15;
/** Those of the first error that are shown: what follows it may be its cause. */
const ERROR_LINES = 3;
/** What an error's line has, whoever wrote it: a level, or the name of a Java exception. */
const errorLine = /\b(error|fatal|panic|[\w.]+Exception)\b/i;

/** A container that is not as it should be, with the log lines of its last run. */
export interface Failed {
  readonly container: LabContainer;
  readonly lines: readonly string[];
}

/**
 * Whether a container is what an update failed for. One that restarts again and again counts as starting most of the
 * time, and one that was never started has nothing to show.
 */
export function hasFailed({ state, health }: Pick<LabContainer, "state" | "health">): boolean {
  if (state === "running") return health === "unhealthy" || health === "starting";
  return state === "restarting" || state === "exited" || state === "dead";
}

/**
 * What there is to know of containers that failed: for each its state, its last health check, the first error in
 * its log and the log's last lines.
 */
export function describeFailed(failed: readonly Failed[]): string {
  const count =
    failed.length === 1 ? "1 container of the lab is" : `${failed.length} containers of the lab are`;
  return [`${count} not healthy`, ...failed.map(describeOne)].join("\n");
}

/** What mends it, and where more is to be seen. */
export function fixOf(failed: readonly Failed[], again: string): string {
  return [
    `mend what the lines above tell of, then ${again}: it makes these containers anew, and fails again while the cause is there`,
    "more lines:",
    ...failed.map(({ container }) => `  ${logsCommand(container)}`),
  ].join("\n");
}

function describeOne({ container, lines }: Failed): string {
  const { name, engine, lastCheck } = container;
  return [
    `--- ${name} on ${engine.host}: ${stateOf(container)}`,
    ...section("last health check:", lastCheck.split("\n").slice(0, CHECK_LINES)),
    ...section("first error in its log:", firstError(lines)),
    ...section("last lines of its log:", lines.slice(-LAST_LINES)),
  ].join("\n");
}

/** The cause may stand far above the last lines, which then are of an orderly end. Nothing when it is among these. */
function firstError(lines: readonly string[]): readonly string[] {
  const index = lines.slice(0, -LAST_LINES).findIndex((line) => errorLine.test(line));
  return index === -1 ? [] : lines.slice(index, Math.min(index + ERROR_LINES, lines.length - LAST_LINES));
}

function section(title: string, lines: readonly string[]): string[] {
  const shown = lines.filter((line) => line.trim() !== "");
  return shown.length === 0 ? [] : [`    ${title}`, ...shown.map((line) => `        ${line}`)];
}

function stateOf({ state, health, exitCode, restarts }: LabContainer): string {
  const again = restarts > 0 ? [`restarted ${restarts} times`] : [];
  if (state === "running") return [state, health, ...again].join(", ");
  // Docker's own flag for it is gone as soon as the container is started again.
  const killed = exitCode === 137 ? [", killed: that is how going over the memory limit ends"] : [];
  return [state, ...again, `exit code ${exitCode}`].join(", ") + killed.join("");
}

function logsCommand({ name, engine: { connection } }: LabContainer): string {
  if (connection === undefined) return `docker logs ${name}`;
  const { keyFile, jump, port, user, address } = connection;
  const options = [
    ...(keyFile === undefined ? [] : ["-i", keyFile]),
    ...(jump === undefined ? [] : ["-J", `${jump.user}@${jump.address}:${jump.port}`]),
    ...(port === 22 ? [] : ["-p", String(port)]),
  ];
  return ["ssh", ...options, `${user}@${address}`, "docker logs", name].join(" ");
}
