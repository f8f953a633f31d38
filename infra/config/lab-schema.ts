import { z } from "zod";
import { infos, type KeyInfo } from "./kinds.ts";
import { type CoreConfig, coreKeys, type Keys, type Settings } from "./schema.ts";

/** A group of keys that is not the core's. */
export interface OwnGroup {
  readonly name: string;
  readonly config: Keys;
}

/** The stack config after parsing: the core's keys, and a group for each that was added. */
export type ConfigOf<P extends readonly OwnGroup[]> = CoreConfig & {
  readonly [O in P[number] as O["name"]]: Settings<O["config"]>;
};

/** What is known of a stack config's keys. */
export interface LabSchema<C> {
  /** Every key by its dotted name, in the order of the schema. */
  readonly keys: ReadonlyMap<string, KeyInfo>;
  readonly groupNames: ReadonlySet<string>;
  /** Between the config as text, in groups, and its values. */
  readonly codec: z.ZodType<C>;
  /**
   * Every value comes in as text, or as the structure that it stands for; unknown keys fail; what is left out has its
   * default.
   *
   * @param values by dotted key
   */
  parse(values: ReadonlyMap<string, unknown>): z.ZodSafeParseResult<C>;
}

/** The schema of a stack config with these groups beside the core's. */
export function labSchema<const P extends readonly OwnGroup[]>(own: P): LabSchema<ConfigOf<P>> {
  const groups: Readonly<Record<string, Keys>> = {
    ...coreKeys.groups,
    ...Object.fromEntries(own.map(({ name, config }) => [name, config])),
  };
  const schema = schemaOf(own, groups);
  const groupNames = new Set(Object.keys(groups));
  return {
    keys: new Map([
      ...withInfo("", coreKeys.top),
      ...Object.entries(groups).flatMap(([group, shape]) => withInfo(`${group}.`, shape)),
    ]),
    groupNames,
    codec: schema,
    parse: (values) => schema.safeParse(grouped(values, groupNames)),
  };
}

// That the groups of `own` come out under their names is what the overload says and no type can follow.
function schemaOf<P extends readonly OwnGroup[]>(
  own: P,
  groups: Readonly<Record<string, Keys>>,
): z.ZodType<ConfigOf<P>>;
function schemaOf(_own: readonly OwnGroup[], groups: Readonly<Record<string, Keys>>): z.ZodType {
  const nested = Object.entries(groups).map(([name, shape]) => [
    name,
    z.strictObject(shape).readonly().prefault({}),
  ]);
  return z.strictObject({ ...coreKeys.top, ...Object.fromEntries(nested) }).readonly();
}

function withInfo(prefix: string, shape: Keys): [string, KeyInfo][] {
  return Object.entries(shape).map(([name, schema]) => {
    const info = infos.get(schema);
    if (info === undefined)
      throw new Error(`config key ${prefix}${name} was not declared by one of the kinds`);
    return [`${prefix}${name}`, info];
  });
}

/** `kafka.brokers` → `{kafka: {brokers}}`, as the schema has it; keys that are no member stay where they are. */
function grouped(
  values: ReadonlyMap<string, unknown>,
  groupNames: ReadonlySet<string>,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const members = new Map<string, Record<string, unknown>>();
  for (const [key, value] of values) {
    const group = key.slice(0, Math.max(0, key.indexOf(".")));
    if (groupNames.has(group)) {
      members.set(group, { ...members.get(group), [key.slice(group.length + 1)]: value });
    } else {
      result[key] = value;
    }
  }
  return { ...result, ...Object.fromEntries(members) };
}
