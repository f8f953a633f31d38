import type { KeyInfo } from "./kinds.ts";
import type { LabSchema } from "./lab-schema.ts";

/**
 * How a key was set, which decides the command that changes it: `flat` by `pulumi config set kafka.brokers 2`,
 * `path` by `pulumi config set --path kafka.brokers 2`. Pulumi stores these apart.
 */
export type Form = "flat" | "path";

/** A key's value as Pulumi hands it over. */
export interface Setting {
  readonly value: unknown;
  readonly form: Form;
}

export interface Sources {
  /** Dotted key → what was set, with unknown keys among them; defaults that Pulumi merged in are there too. */
  readonly settings: ReadonlyMap<string, Setting>;
  /** Keys set in both ways, so that neither command alone could change them. */
  readonly conflicts: ReadonlyMap<string, { readonly flat: unknown; readonly path: unknown }>;
  /** Names of groups that were given something other than an object, and what it was. */
  readonly noGroups: ReadonlyMap<string, string>;
}

/** A value as text, lists and maps only where a key takes them; anything else stays as it is, for the schema to refuse. */
function asText(info: KeyInfo | undefined, value: unknown): unknown {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const isStructured = typeof value === "object" && value !== null && info?.structured === true;
  return isStructured ? JSON.stringify(value) : value;
}

/** The members of a JSON object; undefined when the text is none. */
function members(text: string): [string, unknown][] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.entries(value)
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A member of a group as `pulumi config --path` spells it. */
function memberPath(group: string, member: string): string {
  return /^[A-Za-z_]\w*$/.test(member) ? `${group}.${member}` : `${group}[${JSON.stringify(member)}]`;
}

/**
 * Brings the two ways of setting a dotted key together. Pulumi takes a dotted key of Pulumi.yaml for a path and
 * merges its default into the object of its group, so a member that equals the default may not have been set at
 * all: there a flat key wins.
 *
 * @param raw text of each key, without its namespace
 */
export function readSources(
  raw: Readonly<Record<string, string>>,
  { keys, groupNames }: Pick<LabSchema<unknown>, "keys" | "groupNames">,
): Sources {
  const settings = new Map<string, Setting>();
  const conflicts = new Map<string, { flat: unknown; path: unknown }>();
  const noGroups = new Map<string, string>();
  for (const [name, text] of Object.entries(raw)) {
    if (!groupNames.has(name)) continue;
    const found = members(text);
    if (found === undefined) noGroups.set(name, text);
    for (const [member, value] of found ?? []) {
      const key = memberPath(name, member);
      settings.set(key, { value: asText(keys.get(key), value), form: "path" });
    }
  }
  for (const [name, flat] of Object.entries(raw)) {
    if (groupNames.has(name)) continue;
    const path = settings.get(name)?.value;
    const decided = path !== undefined && path !== keys.get(name)?.default;
    if (decided) conflicts.set(name, { flat, path });
    else settings.set(name, { value: flat, form: "flat" });
  }
  return { settings, conflicts, noGroups };
}
