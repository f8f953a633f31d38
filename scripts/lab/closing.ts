import { renderTable } from "../../lib/table.ts";
import { DEFAULT_STACK } from "../stack/arguments.ts";
import type { LabContainer } from "./docker.ts";
import type { LabOutputs } from "./queries.ts";

/** Outputs that have a table of their own, or none. */
const APART = new Set(["forwards", "hosts", "placement", "probes", "watched"]);

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

/** What containers that are healthy say they lack, with the reason; undefined when none does. */
export function describeWarnings(containers: readonly LabContainer[]): string | undefined {
  const lacking = containers.filter(
    ({ health, lastCheck }) => health === "healthy" && lastCheck.trim() !== "",
  );
  if (lacking.length === 0) return undefined;
  return renderTable(
    ["warning", "what is missing"],
    lacking.map(({ name, lastCheck }) => [name, lastCheck.trim()]),
  );
}

/** Commands that make sense with what the lab has. */
export function whatNext(outputs: LabOutputs, stack: string): string {
  const isDefault = stack === DEFAULT_STACK;
  const [flag, argument] = isDefault ? ["", ""] : [` --stack ${stack}`, ` ${stack}`];
  const [broker] = outputs.bootstrapServers.split(",");
  const [producer] = outputs.producerUrls;
  const { classifierUrl, videoProducerUrl, cameraUrl, grayscaleFolder } = outputs;
  const isHere = outputs.forwards.length === 0;
  const lines = [
    isHere
      ? undefined
      : `./scripts/tunnel${argument}   # first, in another terminal: leads to the lab's hosts`,
    broker && `kcat -L -b ${broker}`,
    producer &&
      outputs.postgresUrl &&
      `psql "$(./scripts/pulumi stack output --show-secrets postgresUrl${flag})" -c 'select * from classified limit 5'`,
    classifierUrl && `curl --data-binary @some.jpg ${classifierUrl}/classify`,
    producer && `curl ${producer}/latencies`,
    videoProducerUrl && `curl ${videoProducerUrl}/cameras`,
    cameraUrl && `ffplay ${cameraUrl}`,
    isHere && grayscaleFolder && `ffplay ${grayscaleFolder}/output_video.avi`,
    producer && `./scripts/pulumi config set producers 3${flag} && ./scripts/up${argument}`,
    `./scripts/down${argument}`,
  ];
  return ["Try next:", ...lines.filter(Boolean).map((line) => `  ${line}`)].join("\n");
}

function isEmpty(value: unknown): boolean {
  return value === "" || (Array.isArray(value) && value.length === 0);
}

function shownValue(name: string, value: unknown, stack: string): string {
  const flag = stack === DEFAULT_STACK ? "" : ` --stack ${stack}`;
  if (value === "[secret]") return `(secret) ./scripts/pulumi stack output --show-secrets ${name}${flag}`;
  return typeof value === "string" ? value : JSON.stringify(value);
}
