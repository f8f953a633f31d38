import { withoutSecrets } from "../../apps/common/address.ts";
import type { Clash } from "./clash.ts";
import type { Found } from "./found.ts";
import type { LabSchema } from "./lab-schema.ts";
import { type Form, readSources, type Sources } from "./sources.ts";
import { suggestion } from "./suggest.ts";

export interface ParseOptions {
  /** Stack that the values belong to; named in the commands, which otherwise go to the selected stack. */
  readonly stack?: string;
  /** Keys (of `raw`) whose values are secrets and must not be shown. */
  readonly secretKeys?: ReadonlySet<string>;
  /** The host on which each service is already, by the service's name. */
  readonly before?: ReadonlyMap<string, string>;
  /** What there is beside config. */
  readonly found?: Found;
}

/** One mistake, the keys and values as the user wrote them. */
export interface Problem {
  readonly key: string;
  /** What is wrong, as a sentence that starts with the key. */
  readonly text: string;
  /** Shell commands that mend it, each by itself; the first is the one to recommend. */
  readonly commands: readonly string[];
}

/** Everything that is wrong with a config, in one message for people. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], stack: string | undefined) {
    const whose = stack === undefined ? "the configuration" : `the configuration of stack ${stack}`;
    const count = problems.length === 1 ? "one mistake" : `${problems.length} mistakes`;
    const blocks = problems.map(({ text, commands }) =>
      [
        `  ${text}`,
        ...commands.map((command, index) => `      ${index === 0 ? "fix:" : "or: "} ${command}`),
      ].join("\n"),
    );
    super(`${count} in ${whose}; nothing was changed:\n\n${blocks.join("\n\n")}\n`);
    this.problems = problems;
  }
}

/** What a config must keep to. */
export interface ConfigRules<C> extends LabSchema<C> {
  /**
   * Every clash between values that are each allowed.
   *
   * @param values text of each key that has not its default
   */
  clashesIn(values: ReadonlyMap<string, unknown>): readonly Clash[];
}

/**
 * The typed config of a lab.
 *
 * @param raw every key of the project's namespace, without that namespace, as Pulumi hands it over: text, and
 *   JSON where `--path` made an object of a group
 * @throws ConfigError that has every mistake
 */
export function readConfig<C>(
  rules: ConfigRules<C>,
  raw: Readonly<Record<string, string>>,
  options: ParseOptions = {},
): C {
  const { keys } = rules;
  const sources = readSources(raw, rules);
  const values = new Map([...sources.settings].map(([key, { value }]) => [key, value]));
  const parsed = rules.parse(values);
  const issues = parsed.success ? [] : parsed.error.issues;
  const invalid = new Set(issues.map(({ path }) => keyOf(keys, path)).filter((key) => key !== undefined));
  const unknown = [...values.keys()].filter((key) => !keys.has(key));
  const say = speaker(keys, sources, options);
  const problems = [
    ...[...sources.noGroups].map(([name, text]) => say.noGroup(name, text)),
    ...unknown.map((key) => say.unknown(key)),
    ...[...sources.conflicts].map(([key, both]) => say.conflict(key, both)),
    ...[...invalid].filter((key) => !sources.conflicts.has(key)).map((key) => say.invalid(key)),
    ...inClear(keys, sources, options).map((key) => say.inClear(key)),
    ...rules.clashesIn(mended(keys, values, invalid, say.remedy)).map((clash) => say.clash(clash)),
  ];
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems, options.stack);
  return parsed.data;
}

type KeyInfos = LabSchema<unknown>["keys"];

/** The key that a path into the config leads to, or into; undefined when it is none of the schema's. */
function keyOf(keys: KeyInfos, path: readonly PropertyKey[]): string | undefined {
  return [path.slice(0, 1), path.slice(0, 2)].map((part) => part.join(".")).find((key) => keys.has(key));
}

/** The values with every recommended command for a single key carried out, so that the rules find only valid ones. */
function mended(
  keys: KeyInfos,
  values: ReadonlyMap<string, unknown>,
  invalid: ReadonlySet<string>,
  remedy: (key: string) => string | undefined,
): Map<string, unknown> {
  const known = [...values].filter(([key]) => keys.has(key));
  const entries = known.map(([key, value]) => [key, invalid.has(key) ? remedy(key) : value] as const);
  return new Map(entries.filter(([, value]) => value !== undefined));
}

/** Whether Pulumi keeps a key's value encrypted, by itself or with its whole group. */
function isKeptSecret(key: string, { secretKeys }: ParseOptions): boolean {
  return [key, key.split(".")[0] ?? key].some((name) => secretKeys?.has(name));
}

/** Keys that were given values that must be secrets, and are none. */
function inClear(keys: KeyInfos, { settings }: Sources, options: ParseOptions): string[] {
  const must = [...settings].filter(([key, { value }]) => {
    const info = keys.get(key);
    return info?.secret === true && value !== info.default && !isKeptSecret(key, options);
  });
  return must.map(([key]) => key);
}

/** Words every kind of mistake, knowing how each key was set. */
function speaker(keys: KeyInfos, sources: Sources, options: ParseOptions) {
  const stack = options.stack === undefined ? "" : ` --stack ${quoted(options.stack)}`;
  const formOf = (key: string): Form => {
    const setting = sources.settings.get(key);
    // A member that is only there because Pulumi merged the default in is set like any other key: flat.
    return setting?.form === "path" && setting.value !== keys.get(key)?.default ? "path" : "flat";
  };
  const flag = (form: Form) => (form === "path" ? "--path " : "");
  const set = (key: string, value: string) =>
    `./scripts/pulumi config set ${flag(formOf(key))}${key} ${quoted(value)}${stack}`;
  const remove = (key: string, form = formOf(key)) =>
    `./scripts/pulumi config rm ${flag(form)}${quoted(key)}${stack}`;
  const isSecret = (key: string) => keys.get(key)?.secret === true || isKeptSecret(key, options);
  const shown = (key: string, value: unknown) => {
    if (isSecret(key)) return "[secret]";
    return withoutSecrets(typeof value === "string" && value !== "" ? value : JSON.stringify(value));
  };
  const given = (key: string) => shown(key, sources.settings.get(key)?.value ?? keys.get(key)?.default ?? "");

  /** The value to recommend in place of one that is not allowed; undefined when the key is to be removed. */
  const remedy = (key: string): string | undefined => {
    const value = sources.settings.get(key)?.value;
    // A value near a secret one gives it away.
    return isSecret(key) ? undefined : keys.get(key)?.nearest(typeof value === "string" ? value : "");
  };

  return {
    remedy,
    noGroup: (name: string, text: string): Problem => ({
      key: name,
      text: `${name} is ${shown(name, text)}: it is a group of keys (${[...keys.keys()].filter((key) => key.startsWith(`${name}.`)).join(", ")}) and has no value itself`,
      commands: [remove(name, "flat")],
    }),
    unknown: (key: string): Problem => {
      const meant = suggestion(key, keys.keys());
      return {
        key,
        text: `${key} is ${given(key)}: there is no such key${meant === undefined ? "; Pulumi.yaml lists them all" : `; did you mean ${meant}?`}`,
        commands: [remove(key)],
      };
    },
    conflict: (key: string, both: { flat: unknown; path: unknown }): Problem => ({
      key,
      text: `${key} is set twice: to ${shown(key, both.flat)} as a key and to ${shown(key, both.path)} as a path (--path)`,
      commands: [remove(key, "flat"), remove(key, "path")],
    }),
    invalid: (key: string): Problem => {
      const info = keys.get(key);
      const value = sources.settings.get(key)?.value;
      const text = typeof value === "string" ? value : "";
      const nearest = remedy(key);
      const problem = info?.problem?.(text);
      return {
        key,
        text: `${key} is ${given(key)}: it must be ${info?.allowed}${problem === undefined ? "" : `; it ${problem}`}`,
        commands: [nearest === undefined ? remove(key) : set(key, nearest)],
      };
    },
    inClear: (key: string): Problem => ({
      key,
      text: `${key} is ${given(key)}: it is not encrypted, so the stack's file has it in clear; it must be a secret, which the command asks for`,
      commands: [`./scripts/pulumi config set ${flag(formOf(key))}--secret ${key}${stack}`],
    }),
    clash: ({ key, reason, changes }: Clash): Problem => ({
      key,
      text: `${key} is ${given(key)}: it ${reason}`,
      commands: changes.map((change) => set(change.key, change.value)),
    }),
  };
}

/** A word of a shell command, quoted where the shell would read it otherwise. */
function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
