import type { Hint } from "../../lib/shown.ts";
import { renderTable } from "../../lib/table.ts";
import { DEFAULT_STACK } from "../stack/arguments.ts";
import type { LabContainer } from "./docker.ts";
import type { Flow } from "./flow.ts";
import type { LabOutputs } from "./queries.ts";

/** Outputs that have a table of their own, or none. */
const APART = new Set([
  "consumers",
  "coreStages",
  "excerpts",
  "forwards",
  "hints",
  "hosts",
  "placement",
  "probes",
  "standing",
  "startOrder",
  "watched",
]);

/** What the lab offers: each stack output that has a value. */
export function describeOutputs(outputs: LabOutputs, stack: string): string {
  const shown = Object.entries(outputs).filter(([name, value]) => !APART.has(name) && !isEmpty(value));
  const hosts = (outputs.hosts ?? []).map(
    ({ name, address, roles }) => `${name} ${address}: ${roles.join(", ")}`,
  );
  const rows = shown.map(([name, value]) => [name, shownValue(name, value, stack)]);
  return renderTable(
    ["output", "value"],
    [...rows, ...(hosts.length === 0 ? [] : [["hosts", hosts.join("\n")]])],
  );
}

/** Something that is not as it should be though the lab works. */
export interface Warning {
  readonly of: string;
  /** What is wrong and why. */
  readonly text: string;
}

/** What containers that are healthy say they lack, with the reason, and other warnings; undefined when there is none. */
export function describeWarnings(
  containers: readonly LabContainer[],
  others: readonly Warning[] = [],
): string | undefined {
  const lacking = containers
    .filter(({ health, lastCheck }) => health === "healthy" && lastCheck.trim() !== "")
    .map(({ name, lastCheck }) => ({ of: name, text: lastCheck.trim() }));
  const all = [...lacking, ...others];
  if (all.length === 0) return undefined;
  return renderTable(
    ["warning", "what is wrong"],
    all.map(({ of, text }) => [of, text]),
  );
}

/** What flowed while it was watched. */
export function describeFlow(flow: readonly Flow[]): string {
  return renderTable(
    ["service", "what it counts", "now", "a second"],
    flow.map(({ service, counter, count, rate }) => [service, counter, String(count), rate.toFixed(1)]),
  );
}

/** Rows of a query as a table; undefined where there is none. */
export function describeRows(rows: readonly Readonly<Record<string, unknown>>[]): string | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  const titles = Object.keys(first);
  return renderTable(
    titles,
    rows.map((row) => titles.map((title) => String(row[title] ?? "–"))),
  );
}

/** Commands that make sense with what the lab has. */
export function whatNext(outputs: LabOutputs, stack: string): string {
  const isDefault = stack === DEFAULT_STACK;
  const [flag, argument] = isDefault ? ["", ""] : [` --stack ${stack}`, ` ${stack}`];
  const [broker] = outputs.bootstrapServers.split(",");
  const isHere = outputs.forwards.length === 0;
  const command = (hint: Hint): string | undefined => {
    if ("sql" in hint) return `psql "${outputOf("postgresUrl", flag)}" -c '${hint.sql}'`;
    if ("output" in hint) return hint.run.replace("{output}", outputOf(hint.output, flag));
    if ("key" in hint)
      return `./scripts/pulumi config set ${hint.key} ${hint.value}${flag} && ./scripts/up${argument}`;
    if ("script" in hint) return `${hint.script}${argument}`;
    return hint.here === true && !isHere ? undefined : hint.run;
  };
  const lines = [
    isHere
      ? undefined
      : `./scripts/tunnel${argument}   # first, in another terminal: leads to the lab's hosts`,
    broker && `kcat -L -b ${broker}`,
    ...outputs.hints.map(command),
    `./scripts/down${argument}`,
  ];
  return ["Try next:", ...lines.filter(Boolean).map((line) => `  ${line}`)].join("\n");
}

function outputOf(name: string, flag: string): string {
  return `$(./scripts/pulumi stack output --show-secrets ${name}${flag})`;
}

function isEmpty(value: unknown): boolean {
  return value === "" || (Array.isArray(value) && value.length === 0);
}

function shownValue(name: string, value: unknown, stack: string): string {
  const flag = stack === DEFAULT_STACK ? "" : ` --stack ${stack}`;
  if (value === "[secret]") return `(secret) ./scripts/pulumi stack output --show-secrets ${name}${flag}`;
  return typeof value === "string" ? value : JSON.stringify(value);
}
